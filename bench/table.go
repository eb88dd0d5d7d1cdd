package main

import (
	"fmt"
	"io"
	"strings"
)

// row is one figure of the table.
type row struct {
	key, text, unit string
	target          target
}

// target is what crvideo is to reach: a number, or so many times what the floor has.
type target struct {
	most   float64
	floors float64
}

type section struct {
	title string
	rows  []row
}

func sections() []section {
	out := []section{{"Entering a room in which one member speaks (50 packets/s) and shows (30 frames/s)", []row{
		{"join connected", "enter to media connected", "ms", target{floors: 3}},
		{"join login", "log in and enter to media connected", "ms", target{}},
		{"join audio", "enter to first packet of sound", "ms", target{floors: 1}},
		{"join key", "enter to first key frame", "ms", target{floors: 1}},
		{"join slowest", "the slowest of them", "ms", target{}},
		{"join20 connected", "20 at once: media connected", "ms", target{}},
		{"join20 audio", "20 at once: first packet of sound", "ms", target{}},
		{"join20 key", "20 at once: first key frame", "ms", target{}},
		{"join cpu", "processor time of a join and a leave, both sides", "ms", target{most: 30}},
		{"publish", "call that opens a camera to its first picture at another member", "ms", target{most: 8}},
	}}}
	for _, n := range []int{10, 50, 100} {
		key := func(name string) string { return fmt.Sprintf("forward%d %s", n, name) }
		s := section{fmt.Sprintf("One camera, %d who watch", n), []row{
			{key("packets server"), "1,000 packets/s of 1,000 bytes: server, a packet", "us", target{}},
			{key("packets client"), "client, a packet", "us", target{}},
			{key("packets rate"), "packets/s that each one gets", "", target{}},
			{key("picture server"), "1 Mbit/s, 30 frames/s: server, a packet", "us", target{}},
			{key("picture client"), "client, a packet", "us", target{}},
			{key("server memory"), "memory of the server", "MB", target{}},
			{key("server goroutines"), "goroutines of the server, a member", "", target{}},
			{key("client memory"), "memory of a client", "MB", target{}},
			{key("client goroutines"), "goroutines of a client", "", target{}},
		}}
		switch n {
		case 50:
			s.rows[0].target.floors = 1
			s.rows[7].target.most, s.rows[8].target.most = 0.5, 15
		case 100:
			s.rows[5].target.most = 60
		}
		out = append(out, s)
	}
	for _, n := range []int{100, 500} {
		key := func(name string) string { return fmt.Sprintf("listen%d %s", n, name) }
		out = append(out, section{fmt.Sprintf("%d members who listen to 8 speakers: 400 packets/s for each", n), []row{
			{key("rate"), "packets/s that each one gets", "", target{}},
			{key("part"), "part of what was said meanwhile", "%", target{}},
			{key("server"), "server, part of one core", "%", target{}},
			{key("client"), "clients, part of one core", "%", target{}},
			{key("server packet"), "server, a packet that arrived", "us", target{}},
			{key("client packet"), "client, a packet that arrived", "us", target{}},
			{key("enter cpu"), "processor time of entering, both sides, a member", "ms", target{}},
			{key("server memory"), "memory of the server", "MB", target{}},
			{key("client memory"), "memory of a client", "MB", target{}},
		}})
	}
	return append(out, section{"A room with 500 silent members and 10 who speak and hear each other", []row{
		{"crowd enter cpu", "processor time of entering, both sides, a member", "ms", target{}},
		{"crowd server", "server, part of one core", "%", target{}},
		{"crowd client", "510 clients, part of one core", "%", target{}},
		{"crowd server memory", "memory of the server", "MB", target{}},
		{"crowd client memory", "memory of the clients", "MB", target{}},
		{"crowd server goroutines", "goroutines of the server, a member", "", target{}},
		{"crowd late", "one more: enter to first packet of sound", "ms", target{}},
	}}, section{"A program that imports the client", []row{
		{"import modules", "modules that are compiled", "", target{most: 32}},
		{"import size", "size of the program", "MB", target{most: 20}},
		{"import build", "processor time of a build with an empty cache", "s", target{}},
	}}, section{"All of it", []row{
		{"failed", "attempts to enter, or to get media, that failed", "", target{}},
	}})
}

// slack is how far above a target a figure may be: two runs differ by as much.
const slack = 1.05

func (t target) String() string {
	switch {
	case t.most > 0:
		return fmt.Sprintf("at most %s", number(t.most))
	case t.floors == 1:
		return "the floor"
	case t.floors > 0:
		return fmt.Sprintf("%.0f x the floor", t.floors)
	}
	return ""
}

// verdict tells whether a figure reaches its target; empty without one.
func (t target) verdict(value, floor float64) string {
	most := t.most
	if t.floors > 0 {
		most = t.floors * floor
	}
	switch {
	case most == 0:
		return ""
	case value <= slack*most:
		return "reached"
	}
	return "**missed**"
}

// writeTable writes Markdown. The first candidate is the floor, the second one ours.
func writeTable(w io.Writer, about string, cs []*candidate) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
	p("# Results\n\n%s\n", about)
	for _, s := range sections() {
		var lines []string
		for _, r := range s.rows {
			if line := r.line(cs); line != "" {
				lines = append(lines, line)
			}
		}
		if len(lines) == 0 {
			continue
		}
		p("\n## %s\n\n| ", s.title)
		head := []string{"what"}
		for _, c := range cs {
			head = append(head, c.name)
		}
		for _, c := range cs {
			if c.name != "crvideo" {
				head = append(head, "crvideo / "+c.name)
			}
		}
		head = append(head, "target", "")
		p("%s |\n|%s\n%s\n", strings.Join(head, " | "), strings.Repeat(" --- |", len(head)), strings.Join(lines, "\n"))
	}
}

func (r row) line(cs []*candidate) string {
	ours, ok := cs[1].value(r.key)
	if !ok {
		return ""
	}
	name := r.text
	if r.unit != "" {
		name += ", " + r.unit
	}
	cells, ratios := []string{name}, []string{}
	for _, c := range cs {
		v, ok := c.value(r.key)
		cell, ratio := "-", "-"
		if ok {
			cell = number(v)
			if v > 0 {
				ratio = fmt.Sprintf("%.2f", ours/v)
			}
		}
		cells = append(cells, cell)
		if c != cs[1] {
			ratios = append(ratios, ratio)
		}
	}
	floor, _ := cs[0].value(r.key)
	cells = append(append(cells, ratios...), r.target.String(), r.target.verdict(ours, floor))
	return "| " + strings.Join(cells, " | ") + " |"
}

func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 1:
		return fmt.Sprintf("%.2f", v)
	case v < 20 && v != float64(int(v)):
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
