package server

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// metricName finds names in an expression. Labels and functions are left out by what they are followed by.
var metricName = regexp.MustCompile(`\b(?:crvideo|go|process)_[a-z0-9_]+`)

// TestDashboardsAndAlertsNameWhatThereIs: no panel stays empty and no alert silent because of a name.
func TestDashboardsAndAlertsNameWhatThereIs(t *testing.T) {
	s := start(t, func(cfg *Config) {
		cfg.Queues, cfg.RoomMetrics = []Queue{{AppID: "app", ID: 1, Name: "sales"}}, 10
	})
	ann, _, _ := two(t, s)
	ann.fails(wire.CodeNoMethod, "nonsense", nil)
	s.metrics.resumes.WithLabelValues("0").Inc() // what has labels is there from the first time on
	s.metrics.refused.WithLabelValues("server").Inc()
	s.metrics.tooFast.WithLabelValues("user", "messages").Inc()
	s.metrics.left.WithLabelValues("exit").Inc()
	s.metrics.ended.WithLabelValues("logout").Inc()
	there := map[string]bool{}
	for _, line := range strings.Split(metricsOf(t, s), "\n") {
		if name := metricName.FindString(line); strings.HasPrefix(line, name) {
			there[name] = true
		}
	}
	grafana, err := os.ReadFile("../docs/grafana.json")
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(grafana, &dashboard))
	expressions := map[string][]string{}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			expressions[p.Title] = append(expressions[p.Title], target.Expr)
		}
	}
	alerts, err := os.ReadFile("../docs/alerts.yml")
	require.NoError(t, err)
	for _, rule := range strings.Split(string(alerts), "- alert: ")[1:] {
		name, _, _ := strings.Cut(rule, "\n")
		_, expr, found := strings.Cut(rule, "expr: ")
		require.True(t, found, name)
		expr, _, _ = strings.Cut(expr, "\n")
		expressions[name] = append(expressions[name], expr)
	}
	require.Greater(t, len(expressions), 30)
	named := map[string]bool{}
	for where, all := range expressions {
		for _, expr := range all {
			names := metricName.FindAllString(expr, -1)
			assert.True(t, len(names) > 0 || strings.HasPrefix(expr, "up{"), "%s: %s", where, expr)
			for _, name := range names {
				assert.True(t, there[name], "%s: no metric %s", where, name)
				named[name] = true
			}
		}
	}
	for name := range there { // and what there is of media and queues is on the dashboard
		if strings.HasPrefix(name, "crvideo_media_") || strings.HasPrefix(name, "crvideo_queue_") {
			assert.True(t, named[name], "%s is on no panel", name)
		}
	}
	assert.False(t, slices.Contains([]bool{named["crvideo_rooms"], named["crvideo_members"], named["crvideo_request_seconds_bucket"]}, false))
}

// TestMediaFigures: paths are told by quantiles.
func TestMediaFigures(t *testing.T) {
	engine := &fakeEngine{}
	for i := range 11 {
		engine.paths = append(engine.paths, mediaPath{Estimate: 1000 * i, Limited: i > 0, LossDown: float64(i) / 100})
	}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	text := metricsOf(t, s)
	for _, line := range []string{
		`crvideo_media_loss_down_ratio{quantile="0.5"} 0.05`, `crvideo_media_loss_down_ratio{quantile="1"} 0.1`, "crvideo_media_limited_peers 10",
		`crvideo_media_estimate_bits{quantile="0.1"} 2000`, `crvideo_media_estimate_bits{quantile="1"} 10000`, `crvideo_media_forwarded{layer="2"} 0`,
		`crvideo_media_rtt_seconds{quantile="1"} 0`,
	} {
		assert.Contains(t, text, line+"\n")
	}
}
