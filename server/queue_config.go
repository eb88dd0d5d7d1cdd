package server

import (
	"fmt"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server/internal/queue"
)

// Queue is a queue of a call centre: its customers wait for its agents.
type Queue struct {
	AppID string `json:"appID,omitempty"` // may be empty if there is one app only
	ID    int    `json:"queID"`           // from 1, unique in the app
	Prio  int    `json:"prio"`            // 0 to 1,000: the smaller, the sooner its customers are served
	Name  string `json:"name,omitempty"`  // at most 128 bytes
	Desc  string `json:"desc,omitempty"`  // at most 1,024 bytes
}

func (q *Queue) wire() *wire.QueueInfo {
	return &wire.QueueInfo{ID: q.ID, Prio: q.Prio, Name: q.Name, Desc: q.Desc}
}

// queuesByApp checks the configured queues.
func (s *Server) queuesByApp(list []Queue) (map[string]map[int]queue.Info, error) {
	byApp := map[string]map[int]queue.Info{}
	for _, q := range list {
		if q.AppID == "" && len(s.cfg.Apps) == 1 {
			q.AppID = s.cfg.Apps[0].ID
		}
		if _, known := s.apps.secret(q.AppID); !known {
			return nil, fmt.Errorf("queue %d: there is no app %q", q.ID, q.AppID)
		}
		if err := q.wire().Validate(); err != nil {
			return nil, fmt.Errorf("queue %d: %s", q.ID, err.Message)
		}
		app := byApp[q.AppID]
		if app == nil {
			app = map[int]queue.Info{}
			byApp[q.AppID] = app
		}
		if _, twice := app[q.ID]; twice {
			return nil, fmt.Errorf("queue %d is there twice", q.ID)
		}
		if app[q.ID] = (queue.Info{ID: q.ID, Prio: q.Prio, Name: q.Name, Desc: q.Desc}); len(app) > wire.MaxQueues {
			return nil, fmt.Errorf("app %q has more than %d queues", q.AppID, wire.MaxQueues)
		}
	}
	return byApp, nil
}

// set says which queues an app has, and tells who wants to know.
func (q *queues) set(app string, infos map[int]queue.Info) {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := make([]queue.Info, 0, len(infos))
	for _, info := range infos {
		list = append(list, info)
	}
	c, now := q.centre(app), q.clock.Now()
	c.engine.SetQueues(now, list)
	c.broadcast(newNotification(wire.NotifyQueues, c.list()))
	c.settle(now)
}
