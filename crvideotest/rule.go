package crvideotest

import (
	"slices"
	"sync"
)

// Rule is something that happens to signalling messages, from when it was made until Remove. The first rule that
// matches a message decides over it.
type Rule struct {
	net   *Network
	match Match
	act   func(*Rule, *pipe, Message)

	mu    sync.Mutex
	first chan struct{} // closed with the first message
	count int
	open  bool // what is held back was let go
	held  []func()
}

// DropMessage loses the messages that match.
func (n *Network) DropMessage(match Match) *Rule {
	return n.rule(match, func(*Rule, *pipe, Message) {})
}

// DuplicateMessage sends the messages that match twice, one right after the other.
func (n *Network) DuplicateMessage(match Match) *Rule {
	return n.AlterMessage(match, func(m Message) [][]byte { return [][]byte{m.Text, m.Text} })
}

// CorruptMessage cuts off the second half of the messages that match: the WebSocket is in order, the JSON in it is not.
func (n *Network) CorruptMessage(match Match) *Rule {
	return n.AlterMessage(match, func(m Message) [][]byte { return [][]byte{m.Text[:len(m.Text)/2]} })
}

// AlterMessage sends what alter returns in place of the messages that match. alter must not call the Network.
func (n *Network) AlterMessage(match Match, alter func(Message) [][]byte) *Rule {
	return n.rule(match, func(_ *Rule, p *pipe, m Message) {
		for _, text := range alter(m) {
			p.push(packet{data: m.bytes(text)})
		}
	})
}

// HoldMessage keeps the messages that match back until the rule is released or removed, while later ones pass. They
// then go on the connection on which they came, if that is still there.
func (n *Network) HoldMessage(match Match) *Rule {
	return n.rule(match, func(r *Rule, p *pipe, m Message) {
		r.hold(func() { p.inject(m.bytes(m.Text)) })
	})
}

// CutInMessage resets the connection (both sides) after the first half of the messages that match.
func (n *Network) CutInMessage(match Match) *Rule {
	return n.rule(match, func(_ *Rule, p *pipe, m Message) {
		whole := m.bytes(m.Text)
		p.push(packet{data: whole[:len(whole)/2]})
		p.push(packet{end: resets})
	})
}

// CutAtMessage resets the connection (both sides) in place of the messages that match, which are lost.
func (n *Network) CutAtMessage(match Match) *Rule {
	return n.rule(match, func(_ *Rule, p *pipe, _ Message) { p.push(packet{end: resets}) })
}

// WatchMessage changes nothing; the rule's Hit and Count tell of the messages that match.
func (n *Network) WatchMessage(match Match) *Rule {
	return n.AlterMessage(match, func(m Message) [][]byte { return [][]byte{m.Text} })
}

// Tap lets fn hear of every signalling message, before rules do something to it, until the test
// ends. It is called for one message at a time, and must not call the Network.
func (n *Network) Tap(fn func(Message)) {
	n.change(func() { n.taps = append(slices.Clip(n.taps), fn) })
}

func (n *Network) rule(match Match, act func(*Rule, *pipe, Message)) *Rule {
	r := &Rule{net: n, match: match, act: act, first: make(chan struct{})}
	n.change(func() { n.rules = append(slices.Clip(n.rules), r) })
	return r
}

// Hit is closed when the first message has matched.
func (r *Rule) Hit() <-chan struct{} { return r.first }

// Count is how many messages have matched.
func (r *Rule) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// Release lets go what HoldMessage keeps back, and does not keep anything back any more.
func (r *Rule) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = true
	for _, send := range r.held {
		send()
	}
	r.held = nil
}

// Remove ends the rule. What it holds back is let go.
func (r *Rule) Remove() {
	r.net.change(func() {
		r.net.rules = slices.DeleteFunc(slices.Clone(r.net.rules), func(other *Rule) bool { return other == r })
	})
	r.Release()
}

// hold keeps something back, unless the rule was released.
func (r *Rule) hold(send func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open {
		send()
		return
	}
	r.held = append(r.held, send)
}

func (r *Rule) hit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count++; r.count == 1 {
		close(r.first)
	}
}

// apply finds the rule for a message and does what it says.
func (n *Network) apply(p *pipe, m Message) {
	n.mu.Lock()
	rules, taps := n.rules, n.taps
	n.mu.Unlock()
	n.ruleMu.Lock()
	for _, tap := range taps {
		tap(m)
	}
	var found *Rule
	for _, r := range rules {
		if r.match(m) {
			found = r
			break
		}
	}
	n.ruleMu.Unlock()
	if found == nil {
		p.push(packet{data: m.bytes(m.Text)})
		return
	}
	found.act(found, p, m)
	found.hit() // last: who waits for it may count on it having happened
}
