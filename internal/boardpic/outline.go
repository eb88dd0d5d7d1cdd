package boardpic

import (
	"math"

	"golang.org/x/image/vector"

	"github.com/crvideo/crvideo-go/internal/wire"
)

type point struct{ x, y float64 }

// outline is the path of an element, and whether it ends where it begins.
func outline(el *wire.BoardElement) (path []point, closed bool) {
	switch el.Kind {
	case wire.BoardRect:
		x, y, w, h := box(el.Points)
		return []point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}, true
	case wire.BoardEllipse:
		x, y, w, h := box(el.Points)
		n := arcs(max(w, h) / 2)
		for i := range n {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
			path = append(path, point{x + w/2 + w/2*cos, y + h/2 + h/2*sin})
		}
		return path, true
	}
	for i := 0; i+1 < len(el.Points); i += 2 {
		path = append(path, point{el.Points[i], el.Points[i+1]})
	}
	return path, false
}

// arcs is how many straight lines make a circle of this radius that is round to a twentieth of a pixel.
func arcs(radius float64) int {
	return min(max(8, int(math.Ceil(math.Pi/math.Acos(1-0.05/max(radius, 0.06))))), 720)
}

// shape gathers polygons that all turn the same way, so that where they overlap they are one.
type shape struct {
	z    *vector.Rasterizer
	at   point // of the rasterizer in the page
	half float64
	ring []point // around a corner
}

func (s *shape) polygon(points ...point) {
	for i, p := range points {
		x, y := float32(p.x-s.at.x), float32(p.y-s.at.y)
		if i == 0 {
			s.z.MoveTo(x, y)
		} else {
			s.z.LineTo(x, y)
		}
	}
	s.z.ClosePath()
}

// dot draws a round end or corner.
func (s *shape) dot(p point) {
	if s.ring == nil {
		n := arcs(s.half)
		for i := range n {
			sin, cos := math.Sincos(-2 * math.Pi * float64(i) / float64(n)) // as segments turn
			s.ring = append(s.ring, point{s.half * cos, s.half * sin})
		}
	}
	moved := make([]point, len(s.ring))
	for i, r := range s.ring {
		moved[i] = point{p.x + r.x, p.y + r.y}
	}
	s.polygon(moved...)
}

func (s *shape) segment(a, b point) {
	length := math.Hypot(b.x-a.x, b.y-a.y)
	if length == 0 {
		return
	}
	nx, ny := -(b.y-a.y)/length*s.half, (b.x-a.x)/length*s.half
	s.polygon(point{a.x + nx, a.y + ny}, point{b.x + nx, b.y + ny}, point{b.x - nx, b.y - ny}, point{a.x - nx, a.y - ny})
}

// stroke draws a line along a path.
func (s *shape) stroke(path []point, closed, dashed bool) {
	if closed {
		path = append(path[:len(path):len(path)], path[0])
	}
	if !dashed || !s.canDash(path) {
		for i, p := range path {
			s.dot(p)
			if i > 0 {
				s.segment(path[i-1], p)
			}
		}
		return
	}
	on, left := true, dash*2*s.half
	for i := 1; i < len(path); i++ {
		a, b := path[i-1], path[i]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		for done := 0.0; done < length; {
			step := min(left, length-done)
			from, to := along(a, b, done/length), along(a, b, (done+step)/length)
			if on {
				s.segment(from, to)
			}
			done += step
			if left -= step; left <= 1e-9 {
				on, left = !on, gap*2*s.half
				if on {
					left = dash * 2 * s.half
				}
			} else if on {
				s.dot(b) // a corner within a dash
				break
			}
		}
	}
}

// maxDashes is how many dashes a line may have; with more it is solid, for nobody would see them.
const maxDashes = 10_000

func (s *shape) canDash(path []point) bool {
	length := 0.0
	for i := 1; i < len(path); i++ {
		length += math.Hypot(path[i].x-path[i-1].x, path[i].y-path[i-1].y)
	}
	return length > 0 && length/(2*s.half*(dash+gap)) <= maxDashes
}

func along(a, b point, t float64) point { return point{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t} }
