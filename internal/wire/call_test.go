package wire

import "testing"

func TestCallRules(t *testing.T) {
	call := func(change func(*CallParams)) Validator {
		p := &CallParams{ID: "i", UID: "u"}
		change(p)
		return p
	}
	data := func(n int) Validator { return call(func(p *CallParams) { p.Data = long(n) }) }
	meet := func(m MeetInfo) Validator { return call(func(p *CallParams) { p.Meet = &m }) }
	checkRules(t, []rule{
		{"call: id", call(func(p *CallParams) { p.ID = long(MaxCallIDBytes) }), call(func(p *CallParams) { p.ID = long(MaxCallIDBytes + 1) }), `"id"`},
		{"call: no id", nil, call(func(p *CallParams) { p.ID = "" }), `"id"`},
		{"call: no uid", nil, call(func(p *CallParams) { p.UID = "" }), `"uid"`},
		{"call: uid", nil, call(func(p *CallParams) { p.UID = long(MaxUIDBytes + 1) }), `"uid"`},
		{"call: data", data(MaxCallDataBytes), data(MaxCallDataBytes + 1), `"data"`},
		{"call: subject", meet(MeetInfo{Subject: long(MaxSubjectBytes)}), meet(MeetInfo{Subject: long(MaxSubjectBytes + 1)}), "meet.subject"},
		{"call: password", nil, meet(MeetInfo{Password: long(MaxPasswordBytes + 1)}), "meet.password"},
		{"call: url", nil, meet(MeetInfo{URL: long(MaxURLBytes + 1)}), "meet.url"},
		{"answer: id", &CallAnswerParams{ID: "i"}, &CallAnswerParams{}, `"id"`},
		{"answer: data", nil, &CallAnswerParams{ID: "i", Data: long(MaxCallDataBytes + 1)}, `"data"`},
		{"restore: id", &RestoreCallParams{ID: "i", UID: "u"}, &RestoreCallParams{UID: "u"}, `"id"`},
		{"restore: uid", nil, &RestoreCallParams{ID: "i"}, `"uid"`},
		{"restore: epoch", nil, &RestoreCallParams{ID: "i", UID: "u", Epoch: long(65)}, `"epoch"`},
		{"dnd least", &DNDParams{}, &DNDParams{DND: -1}, "dnd -1"},
		{"dnd most", &DNDParams{DND: MaxDND}, &DNDParams{DND: MaxDND + 1}, "dnd"},
		{"status: uid", &UserStatusParams{}, &UserStatusParams{UID: long(MaxUIDBytes + 1)}, `"uid"`},
		{"status: after", nil, &UserStatusParams{After: long(MaxUIDBytes + 1)}, `"after"`},
		{"watch", &WatchParams{On: true}, nil, ""},
	})
}
