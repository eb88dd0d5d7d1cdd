package rtc

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// FuzzAnswer takes whatever comes as the answer to an offer. It is taken or refused; the connection can be closed
// after either.
func FuzzAnswer(f *testing.F) {
	c, err := New(Config{Loopback: true, AudioSlots: 1, VideoSlots: 1})
	if err != nil {
		f.Fatal(err)
	}
	offer, err := c.Offer()
	if err != nil {
		f.Fatal(err)
	}
	good := newPeer(f).answer(offer)
	if err := c.Close(); err != nil {
		f.Fatal(err)
	}
	for _, sdp := range []string{
		good, "", "garbage", "v=0", offer,
		strings.ReplaceAll(good, "m=video", "m=audio"), strings.ReplaceAll(good, "a=mid:1", "a=mid:0"),
		strings.ReplaceAll(good, "a=setup:active", "a=setup:actpass"), good[:len(good)/2],
		strings.ReplaceAll(good, "a=sendonly", "a=inactive"), strings.ReplaceAll(good, " 102", " 33"),
		strings.ReplaceAll(good, "a=ssrc:", "a=ssrc:99999999999"), strings.ReplaceAll(good, " typ host", " typ relay"),
	} {
		f.Add(sdp)
	}
	f.Fuzz(func(t *testing.T, sdp string) {
		c, err := New(Config{Loopback: true, AudioSlots: 1, VideoSlots: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Offer(); err != nil {
			t.Fatal(err)
		}
		if err := c.Mic().Start("audio/opus", nil); err != nil {
			t.Fatal(err)
		}
		if c.Answer(sdp) == nil {
			_ = c.Mic().WriteSample(Sample{Data: []byte{8, 1, 2}, Duration: 20 * time.Millisecond})
			if _, err := c.Grow(1, 0); err == nil {
				_ = c.Answer(sdp)
			}
			_ = c.Rollback()
		}
		if err := c.Close(); err != nil {
			t.Fatalf("cannot be closed: %v", err)
		}
	})
}

// fuzzStreams are the streams that FuzzReceive knows of, by number.
var fuzzStreams = []string{1: "audio/opus", 2: "video/H264", 3: "video/VP8", 4: "video/VP9", 5: "video/AV1"}

// FuzzReceive feeds packets, as a length and so many bytes each, to the receiving side. A length with its top bit set
// lets time pass before the packet. Whatever comes, what is kept is bounded, readers get each slot's packets in order,
// and pictures begin at a key frame.
func FuzzReceive(f *testing.F) {
	add := func(packets ...[]byte) {
		var all []byte
		for _, p := range packets {
			all = append(binary.BigEndian.AppendUint16(all, uint16(len(p))), p...)
		}
		f.Add(all)
	}
	packet := func(ssrc uint32, seq uint16, pt uint8, num uint32, marker bool, payload ...byte) []byte {
		h := rtp.Header{Version: 2, SSRC: ssrc, SequenceNumber: seq, Timestamp: uint32(seq) * 960, PayloadType: pt, Marker: marker, CSRC: []uint32{num}}
		b, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	add(packet(1000, 1, 111, 1, false, 8, 1), packet(1000, 3, 111, 1, false, 8, 3), packet(1000, 2, 111, 1, false, 8, 2))
	add(packet(1001, 65535, 102, 2, false, 0x67, 1), packet(1001, 0, 102, 2, true, 0x65, 0x88), packet(1001, 1, 102, 2, true, 0x41, 0x9a),
		packet(1001, 3, 102, 2, true, 0x41, 0x9a), packet(2001, 7, 103, 2, true, 0, 2, 0x41, 0x9a))
	add(packet(1001, 1, 102, 2, false, 0x7c, 0x85, 1), packet(1001, 2, 102, 2, true, 0x7c, 0x45, 1), packet(1002, 1, 102, 2, true, 0x67, 1, 2))
	for num, mime := range fuzzStreams[2:] {
		p, ok := rtpkit.CodecParameters(mime)
		if !ok {
			f.Fatal(mime)
		}
		payloader, err := newPayloader(mime)
		if err != nil {
			f.Fatal(err)
		}
		var all [][]byte
		for n := range 3 {
			payloads := payloader.Payload(60, frame(mime, n, 100, n == 0))
			for i, payload := range payloads {
				all = append(all, packet(1001, uint16(len(all)), uint8(p.PayloadType), uint32(num+2), i == len(payloads)-1, payload...))
			}
		}
		add(all...)
	}
	add(packet(1000, 1, 111, 77, false, 8, 1), packet(1000, 40000, 111, 1, false, 8), []byte{0x80}, nil, []byte{0xa0, 111, 0, 1})
	f.Fuzz(receiveAnything)
}

func receiveAnything(t *testing.T, data []byte) {
	c := &Conn{}
	c.rx.init(func() {})
	c.rx.declare(1001, 2001)
	c.rx.declare(1002, 2002)
	var samples []*SampleReader
	var packets []*PacketReader
	for num, mime := range fuzzStreams[1:] {
		in := c.AddStream(uint32(num+1), mime)
		samples, packets = append(samples, in.Samples(0)), append(packets, in.Packets(0))
	}
	now := time.Now()
	for len(data) >= 2 {
		size := binary.BigEndian.Uint16(data)
		n := min(int(size&0x7fff), len(data)-2)
		c.rx.onRTP(0, data[2:2+n])
		data = data[2+n:]
		if size&0x8000 != 0 {
			now = now.Add(maxVideoWait)
		}
		c.rx.mu.Lock()
		for _, s := range c.rx.slots {
			if size&0x8000 != 0 {
				s.gaps.Due(now, 0, nil)
				s.expire(now, 0)
			}
			if len(s.waiting) > maxWaiting {
				t.Fatalf("%d packets are waiting", len(s.waiting))
			}
		}
		if len(c.rx.slots) > maxSlots || len(c.rx.unknown) > maxUnknownStreams {
			t.Fatalf("%d slots, %d unknown streams", len(c.rx.slots), len(c.rx.unknown))
		}
		c.rx.mu.Unlock()
	}
	c.rx.close() // readers then end after what they have
	for i, r := range samples {
		for first := true; ; first = false {
			s, err := r.Read(context.Background())
			if err != nil {
				break
			}
			if len(s.Data) == 0 || first && !s.Key && i > 0 {
				t.Fatalf("%s: sample %+v", fuzzStreams[i+1], s)
			}
		}
	}
	for i, r := range packets {
		for {
			p, err := r.Read(context.Background())
			if err != nil {
				break
			}
			if len(p.CSRC) == 0 || p.CSRC[0] != uint32(i+1) {
				t.Fatalf("%s: packet of %v", fuzzStreams[i+1], p.CSRC)
			}
		}
	}
}

// FuzzFeedback feeds RTCP to a connection that sends and receives.
func FuzzFeedback(f *testing.F) {
	c, p := pair(f, Config{AudioSlots: 1, VideoSlots: 1})
	for _, o := range []*Outlet{c.Mic(), c.Camera()} {
		mime := map[*Outlet]string{c.Mic(): "audio/opus", c.Camera(): "video/H264"}[o]
		if err := o.Start(mime, func() {}); err != nil {
			f.Fatal(err)
		}
		for n := range 5 {
			if err := o.WriteSample(Sample{Data: frame(mime, n, 2000, n == 0), Duration: 20 * time.Millisecond}); err != nil {
				f.Fatal(err)
			}
		}
	}
	slot := p.video()[0]
	in := c.AddStream(1, "video/H264").Samples(0)
	slot.send(1, "video/H264", frame("video/H264", 0, 3000, true), 3000)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := in.Read(ctx); err != nil {
		f.Fatal(err)
	}
	ssrcs := []uint32{ssrcOf(c.Mic()), ssrcOf(c.Camera()), uint32(slot.ctx.SSRC()), 1}
	for i := range ssrcs {
		ssrc := uint32(i + 1)
		for _, p := range []rtcp.Packet{
			&rtcp.PictureLossIndication{MediaSSRC: ssrc}, &rtcp.FullIntraRequest{MediaSSRC: ssrc, FIR: []rtcp.FIREntry{{SSRC: ssrc}}},
			&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: []rtcp.NackPair{{PacketID: 65535, LostPackets: 0xffff}}},
			&rtcp.SenderReport{SSRC: ssrc, NTPTime: 1 << 62, RTPTime: 5, Reports: []rtcp.ReceptionReport{{SSRC: ssrc, TotalLost: 1<<24 - 1}}},
			&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: ssrc, LastSenderReport: 1 << 31, Delay: 1<<32 - 1}}},
		} {
			b, err := p.Marshal()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint8(i), b)
		}
	}
	f.Fuzz(func(t *testing.T, about uint8, data []byte) {
		// the numbers of a connection are random: they are put in place of small ones
		for i := 0; i+4 <= len(data); i += 4 {
			if n := binary.BigEndian.Uint32(data[i:]); n > 0 && int(n) <= len(ssrcs) {
				binary.BigEndian.PutUint32(data[i:], ssrcs[n-1])
			}
		}
		c.onRTCP(ssrcs[int(about)%len(ssrcs)], data)
		if rtt := c.RTT(); rtt < 0 || rtt > time.Hour {
			t.Fatalf("round trip of %v", rtt)
		}
		if c.State() != StateConnected {
			t.Fatalf("state %v", c.State())
		}
	})
}
