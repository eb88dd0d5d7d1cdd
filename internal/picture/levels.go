package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// Video levels: black is 16 and white 235, colours are within 16 to 240 (ITU-R BT.601). That is what cameras give,
// and how a browser understands a stream that says nothing else. Package image means 0 to 255 with the same matrix.

// fromRGB converts the area of src to dst, which is 4:2:0 and of the same size. Chroma is the mean of four points.
func fromRGB(dst *image.YCbCr, src image.Image, area image.Rectangle) {
	rgba, ok := src.(*image.RGBA)
	if !ok {
		rgba = image.NewRGBA(area)
		draw.Draw(rgba, area, src, area.Min, draw.Src)
	}
	w, h := area.Dx(), area.Dy()
	for y := 0; y < h; y += 2 {
		upper := rgba.Pix[rgba.PixOffset(area.Min.X, area.Min.Y+y):]
		lower := rgba.Pix[rgba.PixOffset(area.Min.X, area.Min.Y+min(y+1, h-1)):]
		luma, below := dst.Y[y*dst.YStride:], dst.Y[min(y+1, h-1)*dst.YStride:]
		cb, cr := dst.Cb[y/2*dst.CStride:], dst.Cr[y/2*dst.CStride:]
		for x := 0; x < w; x += 2 {
			right := min(x+1, w-1)
			a, b := upper[4*x:4*x+3:4*x+3], upper[4*right:4*right+3:4*right+3]
			c, d := lower[4*x:4*x+3:4*x+3], lower[4*right:4*right+3:4*right+3]
			luma[x], luma[right], below[x], below[right] = luminance(a), luminance(b), luminance(c), luminance(d)
			r := int32(a[0]) + int32(b[0]) + int32(c[0]) + int32(d[0])
			g := int32(a[1]) + int32(b[1]) + int32(c[1]) + int32(d[1])
			bl := int32(a[2]) + int32(b[2]) + int32(c[2]) + int32(d[2])
			// four points are summed: 2 bits more
			cb[x/2] = uint8((128<<18 + 1<<17 - 9714*r - 19070*g + 28784*bl) >> 18)
			cr[x/2] = uint8((128<<18 + 1<<17 + 28784*r - 24103*g - 4681*bl) >> 18)
		}
	}
}

func luminance(p []uint8) uint8 {
	return uint8((16<<16 + 1<<15 + 16829*int32(p[0]) + 33039*int32(p[1]) + 6416*int32(p[2])) >> 16)
}

var fullLuma, fullChroma = expansion(16, 219, 0), expansion(128, 224, 128)

// expansion maps video levels to 0 to 255: zero becomes at, and width levels become 255.
func expansion(zero, width, at int) (table [256]uint8) {
	for i := range table {
		v := at*width*2 + (i-zero)*255*2 + width // rounded
		table[i] = uint8(min(max(v, 0)/(2*width), 255))
	}
	return table
}

// Full returns a copy of a picture with video levels as package image understands it, to be shown or saved.
func Full(src *image.YCbCr) *image.YCbCr {
	dst := *src
	dst.Y, dst.Cb, dst.Cr = mapped(src.Y, &fullLuma), mapped(src.Cb, &fullChroma), mapped(src.Cr, &fullChroma)
	return &dst
}

func mapped(src []uint8, table *[256]uint8) []uint8 {
	dst := make([]uint8, len(src))
	for i, v := range src {
		dst[i] = table[v]
	}
	return dst
}

// At returns the colour of a point of a picture with video levels.
func At(img *image.YCbCr, x, y int) color.RGBA {
	c := img.YCbCrAt(x, y)
	r, g, b := color.YCbCrToRGB(fullLuma[c.Y], fullChroma[c.Cb], fullChroma[c.Cr])
	return color.RGBA{r, g, b, 255}
}

// Fit is the largest size of the shape of src within w x h that does not enlarge it. Sides are even and at least 16.
func Fit(src image.Point, w, h int) image.Point {
	if src.X > w || src.Y > h {
		if src.X*h > w*src.Y {
			src = image.Pt(w, src.Y*w/src.X)
		} else {
			src = image.Pt(src.X*h/src.Y, h)
		}
	}
	return image.Pt(max(src.X&^1, 16), max(src.Y&^1, 16))
}
