package vp8

import "image"

// planes are a picture in whole macroblocks.
type planes struct {
	y, u, v          []uint8
	stride, uvStride int
	columns, rows    int // macroblocks
}

func newPlanes(columns, rows int) *planes {
	n := columns * rows * 64
	return &planes{
		y: make([]uint8, 4*n), u: make([]uint8, n), v: make([]uint8, n),
		stride: columns * 16, uvStride: columns * 8, columns: columns, rows: rows,
	}
}

// load takes a picture in. What macroblocks have beyond its edges repeats the edge.
func (p *planes) load(img *image.YCbCr) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	y, c := img.YOffset(img.Rect.Min.X, img.Rect.Min.Y), img.COffset(img.Rect.Min.X, img.Rect.Min.Y)
	loadPlane(p.y, p.stride, img.Y[y:], img.YStride, w, h)
	loadPlane(p.u, p.uvStride, img.Cb[c:], img.CStride, (w+1)/2, (h+1)/2)
	loadPlane(p.v, p.uvStride, img.Cr[c:], img.CStride, (w+1)/2, (h+1)/2)
}

func loadPlane(dst []uint8, stride int, src []uint8, srcStride, w, h int) {
	for i := range h {
		line := dst[i*stride : (i+1)*stride]
		copy(line, src[i*srcStride:i*srcStride+w])
		fill(line[w:], line[w-1])
	}
	for i := h; i*stride < len(dst); i++ {
		copy(dst[i*stride:(i+1)*stride], dst[(h-1)*stride:h*stride])
	}
}
