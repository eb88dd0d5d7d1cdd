package savefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxCopies is how many files of one name may lie in a folder.
const maxCopies = 10_000

// File is a file that is being written, under a name of its own until Commit.
type File struct {
	root *os.Root
	file *os.File
	part string
	link func(from, to string) error
}

// Create begins a file in a folder that is there. id is in the name that it has meanwhile.
func Create(dir, id string) (*File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	part := ".crvideo-" + id + ".part"
	file, err := root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &File{root: root, file: file, part: part, link: root.Link}, nil
}

// Write implements io.Writer.
func (f *File) Write(p []byte) (int, error) { return f.file.Write(p) }

// Commit gives the file its name, or, if there is one of that name, one that differs, and tells its path. It appears
// whole, or not at all.
func (f *File) Commit(name string) (string, error) {
	if err := f.file.Sync(); err != nil {
		return "", errors.Join(err, f.Discard())
	}
	if err := f.file.Close(); err != nil {
		return "", errors.Join(err, f.Discard())
	}
	name = Name(name)
	stem, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	for n := range maxCopies {
		try := name
		if n > 0 {
			try = fmt.Sprintf("%s (%d)%s", stem, n, ext)
		}
		err := f.place(try)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", errors.Join(err, f.Discard())
		}
		return filepath.Join(f.root.Name(), try), f.root.Close()
	}
	return "", errors.Join(fmt.Errorf("%d files are called %q: %w", maxCopies, name, fs.ErrExist), f.Discard())
}

// place gives the file a name that is free: whatever has it, a link included, is left alone.
func (f *File) place(name string) error {
	err := f.link(f.part, name)
	if err == nil {
		return f.root.Remove(f.part)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without hard links: the name is taken first, and then what has it replaced.
	taken, err := f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_ = taken.Close()
	if err := f.root.Rename(f.part, name); err != nil {
		return errors.Join(err, f.root.Remove(name))
	}
	return nil
}

// Discard leaves nothing of the file.
func (f *File) Discard() error {
	_ = f.file.Close() // it may be closed
	return errors.Join(f.root.Remove(f.part), f.root.Close())
}
