package picture

import "image"

// Upright returns the picture turned clockwise by 0, 90, 180 or 270 degrees; by any other number it stays. 4:2:0 only.
func Upright(src *image.YCbCr, degrees int) *image.YCbCr {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	size := image.Pt(w, h)
	switch degrees {
	case 90, 270:
		size = image.Pt(h, w)
	case 180:
	default:
		return src
	}
	dst := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
	x, y := src.Rect.Min.X, src.Rect.Min.Y
	turn(dst.Y, dst.YStride, src.Y[src.YOffset(x, y):], src.YStride, w, h, degrees)
	c := src.COffset(x, y)
	turn(dst.Cb, dst.CStride, src.Cb[c:], src.CStride, (w+1)/2, (h+1)/2, degrees)
	turn(dst.Cr, dst.CStride, src.Cr[c:], src.CStride, (w+1)/2, (h+1)/2, degrees)
	return dst
}

// turn turns one plane of w x h points.
func turn(dst []uint8, dstStride int, src []uint8, srcStride, w, h, degrees int) {
	for y := range h {
		row := src[y*srcStride:][:w]
		for x, v := range row {
			switch degrees {
			case 90:
				dst[x*dstStride+h-1-y] = v
			case 180:
				dst[(h-1-y)*dstStride+w-1-x] = v
			default:
				dst[(w-1-x)*dstStride+y] = v
			}
		}
	}
}
