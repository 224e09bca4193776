"""Keeps the site from wanting a network: formulas become MathML, which browsers draw by themselves; no thebe."""

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml


def inline(translator, node) -> None:
    """A formula within a line."""
    translator.body.append(f'<span class="formula">{tex2mathml(node.astext())}</span>')
    raise SkipNode


def block(translator, node) -> None:
    """A formula on a line of its own."""
    translator.body.append(f'<div class="formula">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise SkipNode


def without_thebe(app, page, template, context, doctree) -> None:
    """Take the scripts of thebe off a page: they would fetch a kernel from afar."""
    scripts = context.get("script_files", [])
    context["script_files"] = [each for each in scripts if "thebe" not in f"{each} {vars(each)}".lower()]


def setup(app) -> dict:
    """What Sphinx asks of an extension."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("html-page-context", without_thebe, priority=1000)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
