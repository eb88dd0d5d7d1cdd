// Package picture brings pictures into the form that encoders take, 4:2:0 with video levels, and back.
package picture

import "image"

// Crop fills dst, which is 4:2:0, with the largest part of src that has the same shape, from its middle.
func Crop(dst *image.YCbCr, src image.Image) {
	fill(dst, src, Middle(src.Bounds(), dst.Rect.Dx(), dst.Rect.Dy()))
}

// Stretch fills dst, which is 4:2:0, with the whole of src.
func Stretch(dst *image.YCbCr, src image.Image) { fill(dst, src, src.Bounds()) }

func fill(dst *image.YCbCr, src image.Image, area image.Rectangle) {
	if area.Empty() {
		return
	}
	yuv, ok := src.(*image.YCbCr)
	switch {
	case ok:
	case area.Size() == dst.Rect.Size():
		fromRGB(dst, src, area)
		return
	default:
		yuv = image.NewYCbCr(area, image.YCbCrSubsampleRatio420)
		fromRGB(yuv, src, area)
	}
	yuv = yuv.SubImage(area).(*image.YCbCr)
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	across, down := subsampling(yuv.SubsampleRatio)
	cw, ch := (area.Dx()+across-1)/across, (area.Dy()+down-1)/down
	scalePlane(dst.Y, dst.YStride, w, h, yuv.Y, yuv.YStride, area.Dx(), area.Dy())
	scalePlane(dst.Cb, dst.CStride, (w+1)/2, (h+1)/2, yuv.Cb, yuv.CStride, cw, ch)
	scalePlane(dst.Cr, dst.CStride, (w+1)/2, (h+1)/2, yuv.Cr, yuv.CStride, cw, ch)
}

// Middle returns the largest part of r in the middle that has the shape w:h, with corners at even places.
func Middle(r image.Rectangle, w, h int) image.Rectangle {
	cw, ch := r.Dx(), r.Dy()
	if cw*h > ch*w {
		cw = ch * w / h
	} else {
		ch = cw * h / w
	}
	x, y := r.Min.X+(r.Dx()-cw)/2&^1, r.Min.Y+(r.Dy()-ch)/2&^1
	return image.Rect(x, y, x+cw, y+ch)
}

func subsampling(r image.YCbCrSubsampleRatio) (across, down int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	default:
		return 1, 1
	}
}

// scalePlane resizes between neighbours with weights. Planes of equal size are copied.
func scalePlane(dst []uint8, dstStride, dw, dh int, src []uint8, srcStride, sw, sh int) {
	if dw == sw && dh == sh {
		for y := range dh {
			copy(dst[y*dstStride:][:dw], src[y*srcStride:][:dw])
		}
		return
	}
	const one = 1 << 16 // fixed point
	stepX, stepY := sw*one/dw, sh*one/dh
	for y := range dh {
		top, wy := at(y, stepY, sh)
		upper, lower := src[top*srcStride:], src[min(top+1, sh-1)*srcStride:]
		row := dst[y*dstStride:][:dw]
		for x := range row {
			left, wx := at(x, stepX, sw)
			right := min(left+1, sw-1)
			a := int(upper[left])*(256-wx) + int(upper[right])*wx
			b := int(lower[left])*(256-wx) + int(lower[right])*wx
			row[x] = uint8((a*(256-wy) + b*wy) >> 16)
		}
	}
}

// at returns where the middle of destination point i lies: the source point before it, and how far it is towards the next, in 1/256.
func at(i, step, size int) (int, int) {
	p := max(0, i*step+step/2-1<<15)
	return min(p>>16, size-1), p >> 8 & 255
}
