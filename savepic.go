package crvideo

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const jpegQuality = 90

// SavePic saves the next picture as a file (CRVideo_VideoObj.savePic): .jpg, .jpeg or .png by the name's ending. The
// file appears whole or not at all. Errors: 5 unknown ending, 8005 the codec cannot be decoded by this build,
// 8008 no camera is set.
func (ui *VideoUI) SavePic(ctx context.Context, fileName string) error {
	const op = "VideoUI.SavePic"
	encode, err := pictureEncoder(fileName)
	if err != nil {
		return fail(op, CodeBadParameter, err)
	}
	img, err := ui.snapshot(ctx)
	if err != nil {
		return toError(op, err)
	}
	if err := writeWhole(fileName, func(w io.Writer) error { return encode(w, img) }); err != nil {
		return fail(op, CodeInternal, err)
	}
	return nil
}

// SavePicToBase64 gives the next picture as a string (CRVideo_VideoObj.savePicToBase64): the file that SavePic would
// write, "jpg" (also the default), "jpeg" or "png", in base64 (RFC 4648) without line breaks. Errors are those of SavePic.
func (ui *VideoUI) SavePicToBase64(ctx context.Context, format string) (string, error) {
	const op = "VideoUI.SavePicToBase64"
	encode, err := pictureEncoder("." + strings.TrimPrefix(orDefault(format, "jpg"), "."))
	if err != nil {
		return "", fail(op, CodeBadParameter, err)
	}
	img, err := ui.snapshot(ctx)
	if err != nil {
		return "", toError(op, err)
	}
	var text strings.Builder
	w := base64.NewEncoder(base64.StdEncoding, &text)
	if err := errors.Join(encode(w, img), w.Close()); err != nil {
		return "", fail(op, CodeInternal, err)
	}
	return text.String(), nil
}

func pictureEncoder(fileName string) (func(io.Writer, image.Image) error, error) {
	switch ext := strings.ToLower(filepath.Ext(fileName)); ext {
	case ".jpg", ".jpeg":
		return func(w io.Writer, img image.Image) error {
			return jpeg.Encode(w, img, &jpeg.Options{Quality: jpegQuality})
		}, nil
	case ".png":
		return png.Encode, nil
	default:
		return nil, errors.New("unknown kind of picture " + ext)
	}
}

// writeWhole writes a file under another name first, so that nobody sees half of it.
func writeWhole(fileName string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(fileName), ".crvideo-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriter(f)
	err = errors.Join(write(w), w.Flush(), f.Chmod(0o644), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), fileName)
}
