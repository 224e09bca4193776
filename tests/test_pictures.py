"""Pictures of every kind that people bring, read as what they show."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from helpers.data.encode import png_bytes
from helpers.data.pictures import read_cutout, read_depth, read_mask, read_picture

SHADE = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (24, 1))  # 24 32: black on the left to nearly white on the right
COLOUR = np.stack([SHADE, SHADE[:, ::-1], np.full_like(SHADE, 90)], -1)


def saved(path, array, mode=None, **options):
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


@pytest.mark.parametrize("name, mode", [("a.png", "RGB"), ("a.webp", "RGB"), ("a.tiff", "RGB"), ("a.bmp", "RGB")])
def test_lossless_colour_comes_back_exactly(tmp_path, name, mode):
    path = saved(tmp_path / name, COLOUR, mode, **({"lossless": True} if name.endswith("webp") else {}))
    assert np.array_equal(read_picture(path), COLOUR)
    assert np.array_equal(read_picture(path.read_bytes()), COLOUR)


def test_grey_palette_cmyk_and_one_bit_become_rgb(tmp_path):
    grey = np.repeat(SHADE[..., None], 3, 2)
    assert np.array_equal(read_picture(saved(tmp_path / "grey.png", SHADE)), grey)
    few = COLOUR // 64 * 64
    assert np.array_equal(
        read_picture(saved(tmp_path / "palette.png", few, "P")), read_picture(Image.fromarray(few).convert("P"))
    )
    assert np.abs(read_picture(saved(tmp_path / "cmyk.tiff", COLOUR, "CMYK")).astype(int) - COLOUR).max() <= 1
    assert (
        np.abs(read_picture(saved(tmp_path / "cmyk.jpg", COLOUR, "CMYK", quality=98)).astype(int) - COLOUR).mean() < 4
    )
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


def test_tensors_and_arrays_of_any_order():
    assert np.array_equal(read_picture(np.moveaxis(COLOUR, 2, 0)), COLOUR)
    assert np.array_equal(read_picture(SHADE[..., None])[..., 0], SHADE)
    assert np.array_equal(read_picture(SHADE > 100)[..., 0], (SHADE > 100) * 255)


def test_masks_as_png_as_jpeg_and_of_ones(tmp_path):
    mask = np.zeros((24, 32), np.uint8)
    mask[8:16, 8:24] = 255
    assert np.array_equal(read_mask(saved(tmp_path / "a.png", mask)), mask / 255)
    assert np.array_equal(read_mask(saved(tmp_path / "a.png", mask // 255)), mask / 255)
    assert np.array_equal(read_mask(saved(tmp_path / "a.png", mask, "1")), mask / 255)
    assert np.array_equal(read_mask(saved(tmp_path / "a.jpg", mask, quality=90)), mask / 255)
    assert np.array_equal(read_mask(saved(tmp_path / "a.png", mask, "RGBA")), mask / 255)
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


@given(
    arrays(
        st.sampled_from([np.uint8, np.uint16]),
        st.tuples(st.integers(1, 20), st.integers(1, 20)),
        elements=st.integers(0, 255),
    ),
    st.integers(0, 1),
)
def test_our_png_is_read_back_by_pil(array, shift):
    array = array << (8 * shift) if array.dtype == np.uint16 else array
    read = Image.open(io.BytesIO(png_bytes(array)))
    assert read.mode == ("L" if array.dtype == np.uint8 else "I;16")
    assert np.array_equal(np.asarray(read), array)
