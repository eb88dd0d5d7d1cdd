package server

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
)

// QueueStore is a Store that keeps the queues, too, which the admin API makes. Otherwise they are forgotten with the process.
type QueueStore interface {
	// Queues gives all queues. It is called once, by New.
	Queues(ctx context.Context) ([]Queue, error)
	// SaveQueue adds or replaces a queue.
	SaveQueue(ctx context.Context, q Queue) error
	// DeleteQueue removes a queue; one that is not there is no error.
	DeleteQueue(ctx context.Context, appID string, id int) error
}

// queueKey names a queue: IDs are unique in an app only.
type queueKey struct {
	appID string
	id    int
}

func sortedQueues(queues map[queueKey]Queue) []Queue {
	return slices.SortedFunc(maps.Values(queues), func(a, b Queue) int {
		return cmp.Or(cmp.Compare(a.AppID, b.AppID), cmp.Compare(a.ID, b.ID))
	})
}

// Queues implements QueueStore.
func (s *MemoryStore) Queues(context.Context) ([]Queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sortedQueues(s.queues), nil
}

// SaveQueue implements QueueStore.
func (s *MemoryStore) SaveQueue(_ context.Context, q Queue) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queues[queueKey{q.AppID, q.ID}] = q
	return nil
}

// DeleteQueue implements QueueStore.
func (s *MemoryStore) DeleteQueue(_ context.Context, appID string, id int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.queues, queueKey{appID, id})
	return nil
}

// Queues implements QueueStore.
func (s *FileStore) Queues(context.Context) ([]Queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sortedQueues(s.queues), nil
}

// SaveQueue implements QueueStore.
func (s *FileStore) SaveQueue(_ context.Context, q Queue) error {
	return s.changeQueues(func(queues map[queueKey]Queue) { queues[queueKey{q.AppID, q.ID}] = q })
}

// DeleteQueue implements QueueStore.
func (s *FileStore) DeleteQueue(_ context.Context, appID string, id int) error {
	return s.changeQueues(func(queues map[queueKey]Queue) { delete(queues, queueKey{appID, id}) })
}

// changeQueues writes the changed queues, and takes them over only when they are safe.
func (s *FileStore) changeQueues(edit func(map[queueKey]Queue)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.queues)
	edit(next)
	if err := s.write(fileFormat{Version: fileVersion, Rooms: s.sorted(s.rooms), Queues: sortedQueues(next)}); err != nil {
		return fmt.Errorf("write room store: %w", err)
	}
	s.queues = next
	return nil
}
