package server

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/crvideo/crvideo-go/server/internal/queue"
)

// queueCollector tells how the call centres' queues are, by app and queue.
type queueCollector struct{ queues *queues }

var queueFigures = []struct {
	desc  *prometheus.Desc
	value func(queue.Status) int
}{
	{queueDesc("waiting", "Customers who wait in a queue."), func(s queue.Status) int { return s.Waiting }},
	{queueDesc("serving", "Customers of a queue whom an agent has accepted or talks to."), func(s queue.Status) int { return s.Serving }},
	{queueDesc("agents", "Agents who serve a queue."), func(s queue.Status) int { return s.Agents }},
}

func queueDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("crvideo_queue_"+name, help, []string{"app", "queue"}, nil)
}

func (queueCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, f := range queueFigures {
		ch <- f.desc
	}
}

func (c queueCollector) Collect(ch chan<- prometheus.Metric) {
	for app, all := range c.queues.status() {
		for _, s := range all {
			for _, f := range queueFigures {
				ch <- prometheus.MustNewConstMetric(f.desc, prometheus.GaugeValue, float64(f.value(s)), app, strconv.Itoa(s.ID))
			}
		}
	}
}

// status tells how the queues of each app are.
func (q *queues) status() map[string][]queue.Status {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := make(map[string][]queue.Status, len(q.centres))
	for app, c := range q.centres {
		all[app] = c.engine.AllStatus()
	}
	return all
}
