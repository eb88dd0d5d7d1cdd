module github.com/crvideo/crvideo-go/bench/load

go 1.26.0
