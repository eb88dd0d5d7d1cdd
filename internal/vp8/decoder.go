package vp8

import (
	"errors"
	"image"
)

// ErrKeyFrameNeeded is what Decode returns for everything that comes between a damage (or the start) and the next key frame.
var ErrKeyFrameNeeded = errors.New("vp8: key frame needed")

// Decoder decodes one stream. It may be used by one goroutine at a time.
type Decoder struct {
	width, height int // of the picture
	cols, rows    int // in macroblocks
	running       bool
	refs          [numRefs]*frame // what is predicted from
	cur           *frame          // what is being decoded
	frames        []*frame        // all there are, at most four
	img           *image.YCbCr    // what was shown last
	shown         bool            // something was, since the last error

	hdr               header
	seg               segmentation
	filter            filterHeader
	signBias          [numRefs]bool // whether motion is told the other way round
	probs, savedProbs probabilities

	parts    [8]boolReader // the partitions with the coefficients
	numParts int
	mbs      []mbInfo       // with a row above and a column to the left
	above    []tokenContext // of the macroblocks above

	quants  [4]dequantizer
	levels  [4][numRefs][4]uint8
	limits  [64]edgeLimits
	res     residual
	scratch [22 * 16]byte
}

// New returns a decoder that waits for a key frame.
func New() *Decoder { return &Decoder{} }

// Decode decodes one frame and returns the picture, 4:2:0 and of the visible size, valid until the next Decode. It is nil for
// a frame that is not to be shown; for an empty frame, which an encoder makes of a picture it leaves out, it is the last one
// again. After an error Decode returns ErrKeyFrameNeeded until a key frame comes.
func (d *Decoder) Decode(frame []byte) (*image.YCbCr, error) {
	if !d.running && (len(frame) == 0 || frame[0]&1 != 0) {
		return nil, ErrKeyFrameNeeded
	}
	if len(frame) == 0 {
		if d.shown {
			return d.img, nil
		}
		return nil, nil
	}
	img, err := d.decode(frame)
	if err != nil {
		d.running, d.shown = false, false
	}
	return img, err
}

func (d *Decoder) decode(frame []byte) (*image.YCbCr, error) {
	tag, rest, err := readTag(frame)
	if err != nil {
		return nil, err
	}
	if tag.key {
		d.resize(tag.width, tag.height)
	}
	d.hdr = header{frameTag: tag}
	var r boolReader
	r.init(rest[:tag.firstLen])
	if err := d.readHeader(&r, rest[tag.firstLen:]); err != nil {
		return nil, err
	}
	d.cur = d.takeFrame()
	if err := d.decodeRows(&r); err != nil {
		return nil, err
	}
	d.smooth()
	d.cur.extend()
	if !d.hdr.keepProbs {
		d.probs = d.savedProbs
	}
	d.running = true
	d.updateReferences()
	if !d.hdr.show {
		return nil, nil
	}
	return d.show(), nil
}

// resize makes everything ready for pictures of another size.
func (d *Decoder) resize(width, height int) {
	if width == d.width && height == d.height {
		return
	}
	d.width, d.height = width, height
	d.cols, d.rows = (width+15)/16, (height+15)/16
	d.refs, d.frames, d.img, d.shown = [numRefs]*frame{}, nil, nil, false
	d.mbs = make([]mbInfo, (d.cols+1)*(d.rows+1))
	d.above = make([]tokenContext, d.cols)
}

// mb is the macroblock at column x and row y, both from -1 on.
func (d *Decoder) mb(x, y int) *mbInfo { return &d.mbs[(y+1)*(d.cols+1)+x+1] }

// takePicture finds room for a picture: that of one from which nothing will be predicted any more.
func (d *Decoder) takeFrame() *frame {
	for _, p := range d.frames {
		if p != d.refs[refLast] && p != d.refs[refGolden] && p != d.refs[refAltref] {
			return p
		}
	}
	p := newFrame(d.cols, d.rows)
	d.frames = append(d.frames, p)
	return p
}

// decodeRows decodes all macroblocks, of which r says the modes.
func (d *Decoder) decodeRows(r *boolReader) error {
	d.setQuantizers()
	d.cur.startIntra()
	clear(d.above)
	luma := &d.cur.planes[0]
	for y := range d.rows {
		part := &d.parts[y&(d.numParts-1)]
		var left tokenContext
		for x := range d.cols {
			d.decodeMacroblock(r, part, &left, x, y)
		}
		if r.overrun() || part.overrun() {
			return errTruncated
		}
		// What is to the right above the last macroblock of the next row.
		fill(luma.pix[luma.at(luma.width, 16*y+15):][:4], luma.pix[luma.at(luma.width-1, 16*y+15)])
	}
	return nil
}

func (d *Decoder) decodeMacroblock(r, part *boolReader, left *tokenContext, x, y int) {
	mb := d.mb(x, y)
	d.readModes(r, mb, x, y)
	withY2 := mb.mode != modeB && mb.mode != modeSplit
	if mb.empty {
		left.clear(withY2)
		d.above[x].clear(withY2)
	} else {
		mb.empty = !d.readResidual(part, mb, left, &d.above[x])
	}
	if mb.ref == refIntra {
		d.predictIntra(mb, x, y)
	} else {
		d.predictInter(mb, x, y)
	}
	if !mb.empty {
		d.addResidual(mb, x, y, withY2)
	}
}

// addResidual adds what the coefficients say to the prediction of a macroblock.
func (d *Decoder) addResidual(mb *mbInfo, x, y int, withY2 bool) {
	res := &d.res
	if withY2 {
		res.spreadY2()
	}
	if mb.mode != modeB {
		p := &d.cur.planes[0]
		at := p.at(16*x, 16*y)
		for i := range 16 {
			addBlock(p.pix[at+i>>2*4*p.stride+i&3*4:], p.stride, &res.coeffs[i], int(res.ends[i]))
		}
	}
	for i := range 8 {
		p := &d.cur.planes[1+i>>2]
		at := p.at(8*x, 8*y)
		addBlock(p.pix[at+i>>1&1*4*p.stride+i&1*4:], p.stride, &res.coeffs[16+i], int(res.ends[16+i]))
	}
}

// updateReferences keeps the picture for what is predicted from it later (9.7).
func (d *Decoder) updateReferences() {
	h := &d.hdr
	switch h.copyAltref {
	case 1:
		d.refs[refAltref] = d.refs[refLast]
	case 2:
		d.refs[refAltref] = d.refs[refGolden]
	}
	switch h.copyGolden {
	case 1:
		d.refs[refGolden] = d.refs[refLast]
	case 2:
		d.refs[refGolden] = d.refs[refAltref]
	}
	if h.refreshGolden {
		d.refs[refGolden] = d.cur
	}
	if h.refreshAltref {
		d.refs[refAltref] = d.cur
	}
	if h.refreshLast {
		d.refs[refLast] = d.cur
	}
}

// show copies the picture, so that whoever gets it may do with it what they like.
func (d *Decoder) show() *image.YCbCr {
	if d.img == nil {
		d.img = image.NewYCbCr(image.Rect(0, 0, d.width, d.height), image.YCbCrSubsampleRatio420)
	}
	d.shown = true
	cw, ch := (d.width+1)/2, (d.height+1)/2
	d.cur.planes[0].copyTo(d.img.Y, d.img.YStride, d.width, d.height)
	d.cur.planes[1].copyTo(d.img.Cb, d.img.CStride, cw, ch)
	d.cur.planes[2].copyTo(d.img.Cr, d.img.CStride, cw, ch)
	return d.img
}

func (p *plane) copyTo(dst []byte, stride, w, h int) {
	for y := range h {
		copy(dst[y*stride:][:w], p.pix[p.at(0, y):])
	}
}
