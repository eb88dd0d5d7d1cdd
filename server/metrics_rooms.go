package server

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// roomCollector has series for the largest rooms, by app and room. Rooms come and go by the thousand and Prometheus keeps a
// series for each that it has seen, so there is none unless a number is set (Config.RoomMetrics), and never more than that.
type roomCollector struct {
	s    *Server
	most int
}

var (
	roomMembers = roomDesc("members", "Members of one of the largest rooms.")
	roomStreams = roomDesc("streams", "Open microphones and cameras in one of the largest rooms.")
)

func roomDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("crvideo_room_"+name, help, []string{"app", "room"}, nil)
}

// Describe implements prometheus.Collector.
func (roomCollector) Describe(ch chan<- *prometheus.Desc) { ch <- roomMembers; ch <- roomStreams }

// Collect implements prometheus.Collector.
func (c roomCollector) Collect(ch chan<- prometheus.Metric) {
	type figures struct {
		app              string
		id               int64
		members, streams int
	}
	var all []figures
	for _, r := range c.s.allRooms() {
		r.mu.Lock()
		f := figures{r.appID, r.id, r.countMembers(), r.countStreams()}
		r.mu.Unlock()
		if f.members > 0 {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b figures) int { return cmp.Or(b.members-a.members, cmp.Compare(a.id, b.id)) })
	for _, f := range all[:min(c.most, len(all))] {
		id := strconv.FormatInt(f.id, 10)
		ch <- prometheus.MustNewConstMetric(roomMembers, prometheus.GaugeValue, float64(f.members), f.app, id)
		ch <- prometheus.MustNewConstMetric(roomStreams, prometheus.GaugeValue, float64(f.streams), f.app, id)
	}
}
