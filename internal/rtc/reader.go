package rtc

import (
	"context"
	"slices"
	"time"

	"github.com/pion/rtp"
)

// DefaultQueue is how many samples or packets a reader may lag behind unless it says otherwise.
const DefaultQueue = 128

// SampleReader reads whole frames of a stream.
type SampleReader struct {
	in *Inlet
	q  *queue[Sample]
}

// PacketReader reads the RTP packets of a stream, in order and without repetitions.
type PacketReader struct {
	in *Inlet
	q  *queue[*rtp.Packet]
}

// Samples returns a new reader of the stream's frames: H264 as Annex B access units, AV1 as OBUs with sizes, Opus as
// packets. Pictures begin at a key frame, which is asked for. queue is how many samples may wait, 0: 128; then the
// oldest are dropped and counted.
func (in *Inlet) Samples(queue int) *SampleReader {
	if queue <= 0 {
		queue = DefaultQueue
	}
	in.r.mu.Lock()
	defer in.r.mu.Unlock()
	s := &SampleReader{in, newQueue[Sample](queue, in.video)}
	if in.ended {
		s.q.end()
		return s
	}
	in.samples = append(in.samples, s)
	if in.asm == nil {
		in.asm = newAssembler(in)
	}
	in.joined()
	return s
}

// Packets returns a new reader of the stream's packets, which are shared by all readers and must not be changed.
// Pictures begin at a key frame, which is asked for. queue is how many packets may wait, 0: 128.
func (in *Inlet) Packets(queue int) *PacketReader {
	if queue <= 0 {
		queue = DefaultQueue
	}
	in.r.mu.Lock()
	defer in.r.mu.Unlock()
	p := &PacketReader{in, newQueue[*rtp.Packet](queue, in.video)}
	if in.ended {
		p.q.end()
		return p
	}
	in.packets = append(in.packets, p)
	in.joined()
	return p
}

// joined gives the first reader what was held for it. Any other reader of pictures waits for a key frame.
func (in *Inlet) joined() {
	if !in.read {
		in.read = true
		held := in.held
		in.held = nil
		now := time.Now()
		if in.video && now.Sub(in.heldAt) > heldAge {
			held = nil
		}
		for i, pkt := range held {
			in.deliver(pkt, i == 0 && in.video, now) // pictures are held from a key frame on
		}
		if len(held) > 0 {
			return
		}
	}
	in.wantKey()
}

// Read waits for the next sample. It returns io.EOF when the stream has ended, io.ErrClosedPipe after Close. The
// sample's data is shared by all readers of the stream and must not be changed.
func (s *SampleReader) Read(ctx context.Context) (Sample, error) { return s.q.read(ctx) }

// Close gives the reader up. It may be called any number of times.
func (s *SampleReader) Close() {
	s.q.close()
	in := s.in
	in.r.mu.Lock()
	defer in.r.mu.Unlock()
	in.samples = slices.DeleteFunc(in.samples, func(o *SampleReader) bool { return o == s })
	if len(in.samples) == 0 {
		in.asm = nil
	}
	in.left()
}

// left gives up what only readers want.
func (in *Inlet) left() {
	if len(in.samples)+len(in.packets) == 0 {
		in.keyWanted = false
	}
}

// Dropped returns how many samples were dropped since the reader was too slow, or waited for a key frame.
func (s *SampleReader) Dropped() uint64 { return s.q.drops() }

// Read waits for the next packet. It returns io.EOF when the stream has ended, io.ErrClosedPipe after Close.
func (p *PacketReader) Read(ctx context.Context) (*rtp.Packet, error) { return p.q.read(ctx) }

// Close gives the reader up. It may be called any number of times.
func (p *PacketReader) Close() {
	p.q.close()
	in := p.in
	in.r.mu.Lock()
	defer in.r.mu.Unlock()
	in.packets = slices.DeleteFunc(in.packets, func(o *PacketReader) bool { return o == p })
	in.left()
}

// Dropped returns how many packets were dropped since the reader was too slow, or waited for a key frame.
func (p *PacketReader) Dropped() uint64 { return p.q.drops() }
