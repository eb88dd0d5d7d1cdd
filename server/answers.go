package server

import "github.com/crvideo/crvideo-go/internal/wire"

// answers are the last answers of a session, kept for a client that repeats a request because it never saw the
// answer: on a connection that broke in between. They are guarded by the session's request lock.
type answers struct {
	limit  int
	kept   map[uint64]keptAnswer
	order  []uint64 // of kept, oldest first
	lostID uint64   // the highest request ID whose answer is not kept any more
}

// keptAnswer gives the answer to a request that is repeated.
type keptAnswer func() (result any, failed *wire.Error)

func newAnswers(limit int) answers {
	return answers{limit: limit, kept: make(map[uint64]keptAnswer)}
}

// find gives the answer to a request that was handled already, or the refusal of one that may have been; neither for
// a new request.
func (a *answers) find(id uint64) (keptAnswer, *wire.Error) {
	if kept := a.kept[id]; kept != nil {
		return kept, nil
	}
	if id <= a.lostID {
		return nil, wire.Errorf(wire.CodeInvalidRequest, "id %d is not above the ones answered before", id)
	}
	return nil, nil
}

// keep remembers an answer.
func (a *answers) keep(id uint64, answer keptAnswer) {
	if len(a.order) >= a.limit {
		oldest := a.order[0]
		a.order = append(a.order[:0], a.order[1:]...)
		delete(a.kept, oldest)
		a.lostID = max(a.lostID, oldest)
	}
	a.kept[id] = answer
	a.order = append(a.order, id)
}
