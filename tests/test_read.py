"""Pictures of every kind that people bring: read as what they show, or refused with a sentence."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from fakes import refused
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from helpers.data.exporting import png_bytes
from helpers.data.read import read_cutout, read_depth, read_mask, read_picture

SHADE = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (24, 1))  # 24 32: black on the left to nearly white on the right
COLOUR = np.stack([SHADE, SHADE[:, ::-1], np.full_like(SHADE, 90)], -1)
READERS = (read_picture, read_mask, read_depth, read_cutout)


def saved(path, array, mode=None, **options):
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tiff", "a.bmp"])
def test_lossless_colour_comes_back_exactly(tmp_path, name):
    path = saved(tmp_path / name, COLOUR, **({"lossless": True} if name.endswith("webp") else {}))
    assert np.array_equal(read_picture(path), COLOUR)
    assert np.array_equal(read_picture(path.read_bytes()), COLOUR)


def test_grey_palette_cmyk_and_one_bit_become_rgb(tmp_path):
    grey = np.repeat(SHADE[..., None], 3, 2)
    assert np.array_equal(read_picture(saved(tmp_path / "grey.png", SHADE)), grey)
    for name, mode, levels in (("palette.png", "P", 25), ("cmyk.tiff", "CMYK", 1), ("cmyk.jpg", "CMYK", 4)):
        read = read_picture(saved(tmp_path / name, COLOUR, mode)).astype(int)
        assert np.abs(read - COLOUR).mean() <= levels, name
    assert set(np.unique(read_picture(saved(tmp_path / "bit.png", SHADE, "1")))) == {0, 255}


def test_sixteen_bit_grey_is_scaled_and_not_clipped(tmp_path):
    path = saved(tmp_path / "deep.png", SHADE.astype(np.uint16) * 257)
    assert np.array_equal(read_picture(path)[..., 0], SHADE)
    assert np.array_equal(read_picture(SHADE.astype(np.uint16) * 257)[..., 1], SHADE)
    assert np.array_equal(read_picture(SHADE / np.float32(255))[..., 2], SHADE)


def test_transparent_parts_become_white(tmp_path):
    alpha = np.where(np.arange(32) < 16, 0, 255).astype(np.uint8)[None].repeat(24, 0)
    for picture in (np.dstack([COLOUR, alpha]), np.dstack([SHADE, alpha])):
        read = read_picture(saved(tmp_path / "a.png", picture))
        assert (read[:, :16] == 255).all()
        assert np.array_equal(read[:, 16:, 0], picture[:, 16:, 0])


def test_exif_rotation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me a quarter to the right"
    path = saved(tmp_path / "phone.jpg", COLOUR, quality=98, exif=exif)
    assert read_picture(path).shape == (32, 24, 3)
    red = read_picture(path)[..., 0].astype(int)  # dark on the left of the file: at the top once it is upright
    assert red[0].mean() < 20 and red[-1].mean() > 230
    picture = Image.open(path)
    read_picture(picture)
    assert picture.size == (32, 24), "the caller's picture is left as it was"


def test_tensors_and_arrays_of_any_order_and_width():
    assert np.array_equal(read_picture(np.moveaxis(COLOUR, 2, 0)), COLOUR)
    assert np.array_equal(read_picture(SHADE[..., None])[..., 0], SHADE)
    assert np.array_equal(read_picture(SHADE > 100)[..., 0], (SHADE > 100) * 255)
    for kind in (np.int64, np.uint32):
        assert np.array_equal(read_picture(COLOUR.astype(kind)), COLOUR)
    assert np.array_equal(read_picture(COLOUR.tolist()), COLOUR)
    assert np.array_equal(read_mask((SHADE > 100).astype(np.int64)), SHADE > 100)


def test_masks_of_every_mode_and_as_jpeg(tmp_path):
    mask = np.zeros((24, 32), np.uint8)
    mask[8:16, 8:24] = 255
    for name, mode in (("a.png", "1"), ("a.jpg", "L"), ("a.png", "RGBA")):
        assert np.array_equal(read_mask(saved(tmp_path / name, mask, mode)), mask / 255)
    assert read_mask(saved(tmp_path / "a.jpg", mask * 0 + 1, quality=90)).sum() == 0, "1 of 255 in a JPEG is black"


def test_depth_of_every_kind_is_in_metres(tmp_path):
    metres = np.linspace(0.5, 20, 24 * 32, dtype=np.float32).reshape(24, 32)
    (tmp_path / "a.png").write_bytes(png_bytes(np.rint(metres * 1000).astype(np.uint16)))
    assert np.abs(read_depth(tmp_path / "a.png") - metres).max() < 0.0006
    np.save(tmp_path / "a.npy", metres)
    assert np.array_equal(read_depth(tmp_path / "a.npy"), metres)
    saved(tmp_path / "a.tiff", metres)
    assert np.array_equal(read_depth(str(tmp_path / "a.tiff")), metres)
    path = saved(tmp_path / "a.jpg", SHADE, quality=95)
    assert np.abs(read_depth(path, scale=10) - SHADE / 25.5).max() < 0.2
    assert np.abs(read_depth(path, scale=10, inverted=True) - (10 - SHADE / 25.5)).max() < 0.2
    assert np.abs(read_depth(saved(tmp_path / "b.jpg", SHADE, "RGB"), scale=10) - SHADE / 25.5).max() < 0.2


def test_a_cutout_is_cropped_to_what_is_seen(tmp_path):
    picture = np.zeros((24, 32, 4), np.uint8)
    picture[4:20, 10:15] = (200, 100, 50, 255)
    picture[4, 10, 3] = 7
    assert np.array_equal(read_cutout(saved(tmp_path / "a.png", picture)), picture[4:20, 10:15])
    grey = saved(tmp_path / "grey.png", np.ascontiguousarray(picture[..., 2:]))
    assert read_cutout(grey).shape == (16, 5, 4)


@given(arrays(np.uint16, st.tuples(st.integers(1, 20), st.integers(1, 20))))
def test_our_png_is_read_back_by_pil(deep):
    for array in (deep, deep.astype(np.uint8)):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(png_bytes(array)))), array)


@pytest.mark.parametrize("read", READERS)
def test_missing_empty_and_other_files(tmp_path, read):
    refused(lambda: read(tmp_path / "no.png"), "no file", "no.png", kind=FileNotFoundError)
    refused(lambda: read(tmp_path), "is a folder")
    (tmp_path / "empty.png").touch()
    refused(lambda: read(tmp_path / "empty.png"), "empty.png", "empty")
    refused(lambda: read(b"", name="bg/x.png"), "bg/x.png", "empty")
    (tmp_path / "notes.png").write_text("These are notes and no picture." * 9)
    refused(lambda: read(str(tmp_path / "notes.png")), "notes.png", "not a picture", "PNG")
    (tmp_path / "a.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    refused(lambda: read(tmp_path / "a.eps"), "not a picture")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ending", ["png", "jpg", "tiff", "webp", "bmp", "gif"])
def test_a_file_cut_off_or_spoilt_at_any_place(tmp_path, ending):
    rng = np.random.default_rng(0)
    whole = saved(tmp_path / f"whole.{ending}", rng.integers(0, 256, (48, 64, 3), np.uint8)).read_bytes()
    for share in (0.02, 0.1, 0.5, 0.9):
        (tmp_path / f"cut.{ending}").write_bytes(whole[: int(share * len(whole))])
        refused(lambda: read_picture(tmp_path / f"cut.{ending}"), f"cut.{ending} is ")
    for read in READERS:
        refused(lambda read=read: read(whole[: len(whole) // 2], name="x/y.png"), "x/y.png is ")
    for _ in range(20):
        spoilt = bytearray(whole)
        for at in rng.integers(0, len(whole), 8):
            spoilt[at] = rng.integers(256)
        try:
            read_picture(bytes(spoilt))  # some noise only changes a pixel
        except ValueError as error:
            assert str(error).startswith("the picture ")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("read", READERS)
def test_one_pixel_and_twenty_thousand(tmp_path, read):
    alpha = np.full((1, 20_000, 4), 255, np.uint8)
    refused(lambda: read(saved(tmp_path / "wide.png", alpha)), "wide.png is 20000 x 1 pixels", "4096")
    refused(lambda: read(saved(tmp_path / "tiny.png", alpha[:, :1])), "1 x 1 pixels", "tiny.png", "at least")
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)  # a few bytes that say they are huge
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    (tmp_path / "bomb.png").write_bytes(data + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")))
    refused(lambda: read(tmp_path / "bomb.png"), "bomb.png", "4096", "smaller")


def test_masks_and_depths_of_another_size(tmp_path):
    path = saved(tmp_path / "m.png", SHADE)
    for read in (read_mask, lambda path, size: read_depth(path, scale=10, size=size)):
        refused(lambda read=read: read(path, size=(48, 64)), "m.png is 32 x 24 pixels, its picture 64 x 48")


def test_depths_that_are_none(tmp_path):
    depth = np.full((24, 32), 3, np.float32)
    for value, word in ((np.nan, "NaN"), (np.inf, "infinite"), (-1, "negative")):
        bad = depth.copy()
        bad[:2, :2] = value
        np.save(tmp_path / "d.npy", bad)
        refused(lambda: read_depth(tmp_path / "d.npy"), "d.npy has 4 ", word, "Write 0")
        refused(lambda bad=bad: read_depth(bad), "the array has 4 ", word)
    refused(lambda: read_depth(saved(tmp_path / "d.jpg", SHADE)), "d.jpg is an 8-bit picture", "depth_scale")
    colour = np.dstack([SHADE, SHADE[:, ::-1], SHADE])
    refused(lambda: read_depth(saved(tmp_path / "c.png", colour), scale=10), "c.png is coloured")
    np.save(tmp_path / "mm.npy", np.ones((24, 32), np.int32))
    refused(lambda: read_depth(tmp_path / "mm.npy"), "mm.npy", "floats in metres")


def test_npy_files_with_objects_or_false_headers(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    np.save(tmp_path / "trap.npy", np.array([Trap()], object), allow_pickle=True)
    refused(lambda: read_depth(tmp_path / "trap.npy"), "trap.npy is not a whole .npy file")
    assert not (tmp_path / "sprung").exists()
    np.save(tmp_path / "big.npy", np.ones((24, 32), np.float32))
    lie = (tmp_path / "big.npy").read_bytes().replace(b"(24, 32), }      ", b"(240000, 320000)}")
    (tmp_path / "big.npy").write_bytes(lie)
    refused(lambda: read_depth(tmp_path / "big.npy"), "big.npy is not a whole .npy file")


def test_arrays_that_are_no_pictures():
    refused(lambda: read_picture(np.zeros((9, 9, 2), np.uint8)), "shape (9, 9, 2)", "height x width x 3")
    refused(lambda: read_picture(np.full((9, 9), 7.0)), "beyond 1", "floats from 0 to 1")
    refused(lambda: read_picture(np.full((9, 9), np.nan)), "NaN")
    refused(lambda: read_picture(np.full((9, 9, 3), -1)), "negative")
    refused(lambda: read_picture(np.zeros((5000, 9), np.uint8)), "9 x 5000 pixels", "4096")
    refused(lambda: read_picture(np.array([["a"] * 9] * 9)), "uint8")
