package server

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// mediaCollector gives the media engine's figures, all of one moment.
type mediaCollector struct{ engine mediaEngine }

// mediaGauges and mediaCounters are its single figures.
var mediaGauges = []struct {
	name, help string
	value      func(*mediaStats) int
}{
	{"peers", "Media peers.", func(s *mediaStats) int { return s.Peers }},
	{"streams", "Streams that are published.", func(s *mediaStats) int { return s.Streams }},
	{"limited_peers", "Peers whose path carries less than would be sent.", func(s *mediaStats) int { return s.limited() }},
}

var mediaCounters = []struct {
	name, help string
	value      func(*mediaStats) uint64
}{
	{"packets_in", "Media packets received.", func(s *mediaStats) uint64 { return s.PacketsIn }},
	{"bytes_in", "Media bytes received.", func(s *mediaStats) uint64 { return s.BytesIn }},
	{"packets_out", "Media packets sent.", func(s *mediaStats) uint64 { return s.PacketsOut }},
	{"bytes_out", "Media bytes sent.", func(s *mediaStats) uint64 { return s.BytesOut }},
	{"dropped", "Media packets that made no sense.", func(s *mediaStats) uint64 { return s.Dropped }},
	{"nacks", "Packets that receivers asked for again.", func(s *mediaStats) uint64 { return s.NACKs }},
	{"nacks_sent", "Packets that publishers were asked for again.", func(s *mediaStats) uint64 { return s.NACKsSent }},
	{"retransmitted", "Packets sent again.", func(s *mediaStats) uint64 { return s.Retransmitted }},
	{"plis", "Key frames asked for.", func(s *mediaStats) uint64 { return s.PLIs }},
	{"plis_received", "Key frames that receivers asked for.", func(s *mediaStats) uint64 { return s.PLIsReceived }},
}

// mediaPathFigures are distributed over the peers, so there is a quantile of each.
var mediaPathFigures = []struct {
	name, help string
	known      func(*mediaPath) bool
	value      func(*mediaPath) float64
}{
	{"estimate_bits", "Bit/s that the paths to peers carry, of those that are limited.",
		func(p *mediaPath) bool { return p.Limited }, func(p *mediaPath) float64 { return float64(p.Estimate) }},
	{"queue_seconds", "How long packets to peers wait on their way.",
		func(*mediaPath) bool { return true }, func(p *mediaPath) float64 { return p.Queue.Seconds() }},
	{"rtt_seconds", "Round trip to peers.",
		func(p *mediaPath) bool { return p.RTT > 0 }, func(p *mediaPath) float64 { return p.RTT.Seconds() }},
	{"loss_down_ratio", "Part of the packets to peers that is lost, as they reported last.",
		func(*mediaPath) bool { return true }, func(p *mediaPath) float64 { return p.LossDown }},
	{"loss_up_ratio", "Part of the packets from peers that is lost, of the last report.",
		func(*mediaPath) bool { return true }, func(p *mediaPath) float64 { return p.LossUp }},
}

// quantiles are those that the figures of paths are given in.
var quantiles = []struct {
	label string
	part  float64
}{{"0.1", 0.1}, {"0.5", 0.5}, {"0.9", 0.9}, {"1", 1}}

var (
	mediaLayers = prometheus.NewDesc("crvideo_media_forwarded", "Streams that are sent to peers, by layer, 0 being the largest (and all sound).",
		[]string{"layer"}, nil)
	mediaDescs = describeMedia()
)

func describeMedia() map[string]*prometheus.Desc {
	descs := make(map[string]*prometheus.Desc)
	for _, g := range mediaGauges {
		descs[g.name] = prometheus.NewDesc("crvideo_media_"+g.name, g.help, nil, nil)
	}
	for _, c := range mediaCounters {
		descs[c.name] = prometheus.NewDesc("crvideo_media_"+c.name+"_total", c.help, nil, nil)
	}
	for _, f := range mediaPathFigures {
		descs[f.name] = prometheus.NewDesc("crvideo_media_"+f.name, f.help, []string{"quantile"}, nil)
	}
	return descs
}

// Describe implements prometheus.Collector.
func (mediaCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range mediaDescs {
		out <- d
	}
	out <- mediaLayers
}

// Collect implements prometheus.Collector.
func (c mediaCollector) Collect(out chan<- prometheus.Metric) {
	s := c.engine.Stats()
	for _, g := range mediaGauges {
		out <- prometheus.MustNewConstMetric(mediaDescs[g.name], prometheus.GaugeValue, float64(g.value(&s)))
	}
	for _, f := range mediaCounters {
		out <- prometheus.MustNewConstMetric(mediaDescs[f.name], prometheus.CounterValue, float64(f.value(&s)))
	}
	for i, n := range s.Forwarded {
		out <- prometheus.MustNewConstMetric(mediaLayers, prometheus.GaugeValue, float64(n), string(rune('0'+i)))
	}
	for _, f := range mediaPathFigures {
		var values []float64
		for i := range s.Paths {
			if p := &s.Paths[i]; f.known(p) {
				values = append(values, f.value(p))
			}
		}
		slices.Sort(values)
		for _, q := range quantiles {
			value := 0.0
			if n := len(values); n > 0 {
				value = values[int(q.part*float64(n-1)+0.5)]
			}
			out <- prometheus.MustNewConstMetric(mediaDescs[f.name], prometheus.GaugeValue, value, q.label)
		}
	}
}

func (s *mediaStats) limited() (n int) {
	for _, p := range s.Paths {
		if p.Limited {
			n++
		}
	}
	return n
}
