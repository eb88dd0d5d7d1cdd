package server

import (
	"context"
	"maps"
	"strconv"
	"sync"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/server/internal/queue"
)

// codeQueueExists answers the creation of a queue whose ID is in use: a wrong state, as for somebody who is logged in already.
const codeQueueExists = wire.CodeLoginState

type adminQueues struct {
	Queues []adminQueue `json:"queues"`
}

type adminQueue struct {
	wire.QueueInfo
	Configured bool `json:"configured"` // it cannot be changed or deleted here
	Agents     int  `json:"agents"`
	Waiting    int  `json:"waiting"`
	Serving    int  `json:"serving"`
}

// adminQueueChange is what can be changed of a queue.
type adminQueueChange struct {
	Prio int    `json:"prio"`
	Name string `json:"name,omitempty"`
	Desc string `json:"desc,omitempty"`
}

type adminCustomers struct {
	Customers []adminCustomer `json:"customers"`
}

type adminCustomer struct {
	UID      string `json:"uid"`
	Nickname string `json:"nickname"`
	Position int    `json:"position"` // from 1; 0: an agent has accepted it
	WaitedMS int64  `json:"waitedMs"`
	Agent    string `json:"agent"` // that it is offered to, or was accepted by; empty: none
}

// queueBook is which queues there are. A change is stored before it holds.
type queueBook struct {
	mu         sync.Mutex // held while the store is changed; taken before the lock of the queues
	configured map[string]map[int]queue.Info
	added      map[string]map[int]queue.Info // by the admin API
}

// all gives the queues of an app. The book must be locked.
func (b *queueBook) all(app string) map[int]queue.Info {
	all := maps.Clone(b.added[app])
	if all == nil {
		all = map[int]queue.Info{}
	}
	maps.Copy(all, b.configured[app])
	return all
}

// loadQueues opens the queues of the configuration and of the store.
func (s *Server) loadQueues(ctx context.Context) (err error) {
	b := &s.queueBook
	if b.configured, err = s.queuesByApp(s.cfg.Queues); err != nil {
		return err
	}
	b.added = map[string]map[int]queue.Info{}
	if store, ok := s.cfg.Store.(QueueStore); ok {
		kept, err := store.Queues(ctx)
		if err != nil {
			return err
		}
		if b.added, err = s.queuesByApp(kept); err != nil {
			return err
		}
	}
	for _, app := range s.cfg.Apps {
		if all := b.all(app.ID); len(all) > 0 {
			s.queues.set(app.ID, all)
		}
	}
	return nil
}

// setQueue adds or changes a queue of the admin API, or deletes it if info is nil.
func (c *adminCall) setQueue(id int, info *wire.QueueInfo) *wire.Error {
	s, b := c.srv, &c.srv.queueBook
	if _, fixed := b.configured[c.app][id]; fixed {
		return wire.Errorf(wire.CodeAuthFailed, "queue %d is in the server's configuration", id)
	}
	if store, ok := s.cfg.Store.(QueueStore); ok {
		ctx, cancel := s.storing()
		defer cancel()
		var err error
		if info == nil {
			err = store.DeleteQueue(ctx, c.app, id)
		} else {
			err = store.SaveQueue(ctx, Queue{AppID: c.app, ID: id, Prio: info.Prio, Name: info.Name, Desc: info.Desc})
		}
		if err != nil {
			s.log.Error("cannot store a queue", "app", c.app, "queue", id, "err", err)
			return wire.Errorf(wire.CodeServiceFailure, "the queue cannot be stored")
		}
	}
	if b.added[c.app] == nil {
		b.added[c.app] = map[int]queue.Info{}
	}
	if info == nil {
		delete(b.added[c.app], id)
	} else {
		b.added[c.app][id] = queue.Info{ID: id, Prio: info.Prio, Name: info.Name, Desc: info.Desc}
	}
	s.queues.set(c.app, b.all(c.app))
	return nil
}

// queueID reads the ID of the request's queue. The book must be locked.
func (c *adminCall) queueID() (int, *wire.Error) {
	id, err := strconv.Atoi(c.r.PathValue("queue"))
	if err != nil {
		return 0, wire.Errorf(wire.CodeBadQueue, "%q is no queue ID", c.r.PathValue("queue"))
	}
	if _, there := c.srv.queueBook.all(c.app)[id]; !there {
		return 0, wire.Errorf(wire.CodeBadQueue, "there is no such queue")
	}
	return id, nil
}

// inBook runs fn with the book locked.
func inBook(fn func(*adminCall) *wire.Error) func(*adminCall) *wire.Error {
	return func(c *adminCall) *wire.Error {
		c.srv.queueBook.mu.Lock()
		defer c.srv.queueBook.mu.Unlock()
		return fn(c)
	}
}

// describe gives the queues of the app, or one. The book must be locked.
func (c *adminCall) describe(only int) []adminQueue {
	q := c.srv.queues
	q.mu.Lock()
	list := q.centre(c.app).list()
	q.mu.Unlock()
	all := []adminQueue{}
	for i, info := range list.Queues {
		if only != 0 && info.ID != only {
			continue
		}
		_, fixed := c.srv.queueBook.configured[c.app][info.ID]
		s := list.Status[i]
		all = append(all, adminQueue{QueueInfo: info, Configured: fixed, Agents: s.Agents, Waiting: s.Waiting, Serving: s.Serving})
	}
	return all
}

var listQueues = inBook(func(c *adminCall) *wire.Error {
	c.result = adminQueues{Queues: c.describe(0)}
	return nil
})

var getQueue = inBook(func(c *adminCall) *wire.Error {
	id, failed := c.queueID()
	if failed == nil {
		c.result = c.describe(id)[0]
	}
	return failed
})

var createQueue = inBook(func(c *adminCall) *wire.Error {
	var p wire.QueueInfo
	if failed := c.body(&p); failed != nil {
		return failed
	}
	all := c.srv.queueBook.all(c.app)
	if _, there := all[p.ID]; there {
		return wire.Errorf(codeQueueExists, "queue %d is there already", p.ID)
	}
	if len(all) >= wire.MaxQueues {
		return wire.Errorf(wire.CodeBadParameter, "the app has %d queues, more are not allowed", wire.MaxQueues)
	}
	failed := c.setQueue(p.ID, &p)
	if failed == nil {
		c.result = c.describe(p.ID)[0]
	}
	return failed
})

var changeQueue = inBook(func(c *adminCall) *wire.Error {
	id, failed := c.queueID()
	if failed != nil {
		return failed
	}
	var p adminQueueChange
	if failed := c.body(&p); failed != nil {
		return failed
	}
	info := wire.QueueInfo{ID: id, Prio: p.Prio, Name: p.Name, Desc: p.Desc}
	if failed := info.Validate(); failed != nil {
		return failed
	}
	if failed := c.setQueue(id, &info); failed != nil {
		return failed
	}
	c.result = c.describe(id)[0]
	return nil
})

var deleteQueue = inBook(func(c *adminCall) *wire.Error {
	id, failed := c.queueID()
	if failed != nil {
		return failed
	}
	return c.setQueue(id, nil)
})

var listCustomers = inBook(func(c *adminCall) *wire.Error {
	id, failed := c.queueID()
	if failed != nil {
		return failed
	}
	q := c.srv.queues
	q.mu.Lock()
	defer q.mu.Unlock()
	got, now := adminCustomers{Customers: []adminCustomer{}}, q.clock.Now()
	for _, w := range q.centre(c.app).engine.Customers(id) {
		got.Customers = append(got.Customers, adminCustomer{
			UID: w.UID, Nickname: w.Nickname, Position: w.Position, WaitedMS: waited(w.Since, now), Agent: w.Agent,
		})
	}
	c.result = got
	return nil
})
