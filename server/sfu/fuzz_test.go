package sfu

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// FuzzOffer joins with whatever comes. It must be answered or refused, and leave nothing behind.
func FuzzOffer(f *testing.F) {
	for _, sdp := range badOffers() {
		if len(sdp) < 4096 {
			f.Add(sdp)
		}
	}
	f.Add(header + audioLine("0", "a=sendrecv\r\na=ssrc:5 cname:x\r\n"))
	f.Add(header + audioLine("a", "a=recvonly\r\n") + audioLine("b", "a=sendonly\r\na=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"))
	f.Add(newClient(f, "seed", options{}).offer(nil))
	r := newTestRoom(f)
	f.Fuzz(func(t *testing.T, sdp string) {
		p, answer, err := r.Join(context.Background(), PeerConfig{Audio: true}, sdp)
		if err != nil {
			var w *wire.Error
			if !errors.As(err, &w) || w.Code != wire.CodeBadParameter {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if answer == "" {
			t.Fatal("no answer")
		}
		_ = p.Publish(stream(1, "audio/opus"), "0")
		_, _ = p.Offer(context.Background(), sdp)
		_ = p.Stats()
		p.Close()
		if s := r.sfu.Stats(); s.Peers != 0 || s.Streams != 0 {
			t.Fatalf("left behind: %+v", s)
		}
	})
}

// FuzzForward feeds packets, as a length and so many bytes each, to the receiving side. Whatever is forwarded must be
// well-formed: the slot's SSRC, the stream's number, no extensions.
func FuzzForward(f *testing.F) {
	add := func(packets ...[]byte) {
		var all []byte
		for _, p := range packets {
			all = binary.BigEndian.AppendUint16(all, uint16(len(p))) // short
			all = append(all, p...)
		}
		f.Add(all)
	}
	audio := func(seq uint16, ssrc uint32) []byte {
		return rtpBytes(f, rtp.Header{PayloadType: 111, SequenceNumber: seq, SSRC: ssrc}, []byte("x"))
	}
	video := func(seq uint16, pt uint8, payload []byte) []byte {
		return rtpBytes(f, rtp.Header{PayloadType: pt, SequenceNumber: seq, SSRC: 1001}, payload)
	}
	add(audio(1, 1000), audio(2, 1000), audio(4, 1000), audio(3, 1000), audio(60000, 1000), audio(5, 77))
	add(video(1, 102, h264Key("k")), video(2, 102, h264Delta("d")), video(5, 102, h264Delta("d")), video(1, 103, []byte{0, 3, 0x41}))
	add(video(1, 102, h264Key("k")), video(40000, 102, h264Delta("d")), video(40001, 102, h264Key("d")))
	withMid := rtp.Header{PayloadType: 111, SequenceNumber: 9, SSRC: 5}
	if err := withMid.SetExtension(1, []byte("0")); err != nil {
		f.Fatal(err)
	}
	add(rtpBytes(f, withMid, []byte("y")), []byte{0xa0, 111, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0xe8, 1, 2}, []byte{0x80}, nil)
	f.Fuzz(func(t *testing.T, data []byte) {
		publisher, writers := newFakeRoom(t, 2)
		for i, w := range writers {
			num, ssrc := uint32(i%2+1), uint32(3000+i%2)
			last, started := rtp.Header{}, false
			w.check = func(h *rtp.Header, _ []byte) {
				if h.SSRC != ssrc || len(h.CSRC) != 1 || h.CSRC[0] != num || h.Extension || h.Padding || h.Version != 2 {
					t.Fatalf("header %+v", h)
				}
				if started && h.SequenceNumber-last.SequenceNumber > maxLeap && last.SequenceNumber-h.SequenceNumber > maxLeap {
					t.Fatalf("sequence leaps from %d to %d", last.SequenceNumber, h.SequenceNumber)
				}
				last, started = *h, true
			}
		}
		for len(data) >= 2 {
			n := min(int(binary.BigEndian.Uint16(data)), len(data)-2)
			packet := data[2 : 2+n]
			data = data[2+n:]
			var ssrc uint32
			if n >= 12 {
				ssrc = binary.BigEndian.Uint32(packet[8:])
			}
			publisher.onRTP(ssrc, packet)
		}
	})
}

// FuzzRTCP feeds RTCP to a publisher and to a subscriber.
func FuzzRTCP(f *testing.F) {
	for _, p := range []rtcp.Packet{
		&rtcp.SenderReport{SSRC: 1000, NTPTime: 1 << 40, RTPTime: 5}, &rtcp.PictureLossIndication{MediaSSRC: 3001},
		&rtcp.TransportLayerNack{MediaSSRC: 3000, Nacks: []rtcp.NackPair{{PacketID: 1, LostPackets: 0xffff}}},
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: 3000, LastSenderReport: 5}}},
		&rtcp.FullIntraRequest{MediaSSRC: 3001, FIR: []rtcp.FIREntry{{SSRC: 3001}}},
	} {
		b, err := p.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		publisher, _ := newFakeRoom(t, 1)
		for seq := range uint16(3) {
			publisher.onRTP(1000, rtpBytes(t, rtp.Header{PayloadType: 111, SequenceNumber: seq, SSRC: 1000}, []byte("x")))
		}
		subscriber := (*publisher.room.members.Load())[0]
		for _, ssrc := range []uint32{1000, 1001, 3000, 3001, 4000} {
			publisher.onRTCP(ssrc, data)
			subscriber.onRTCP(ssrc, data)
		}
	})
}
