package crvideo

import "context"

// AddStreamCam adds a camera of the application's own, which videoStream opens each time (CRVideo_AddStreamCam).
func AddStreamCam(videoStream SourceFunc, videoName string) (videoID int, err error) {
	return addedCamera(func(ctx context.Context, c *Client) (int, error) { return c.AddCamera(ctx, videoName, videoStream) })
}

// RemoveStreamVideo removes a camera that AddStreamCam added (CRVideo_RemoveStreamVideo).
func RemoveStreamVideo(videoID int) error {
	return promise(func(ctx context.Context, c *Client) error { return c.RemoveCamera(ctx, videoID) })
}

// AddCanvasVCam adds a camera that shows what is written into a queue of pictures (CRVideo_AddCanvasVCam).
func AddCanvasVCam(canvas *PictureQueue, videoName string, options CanvasVCamOptions) (videoID int, err error) {
	return addedCamera(func(ctx context.Context, c *Client) (int, error) {
		return c.AddCanvasVCam(ctx, canvas, videoName, options)
	})
}

// RemoveCanvasVCam removes a camera that AddCanvasVCam added (CRVideo_RemoveCanvasVCam).
func RemoveCanvasVCam(videoID int) error { return RemoveStreamVideo(videoID) }

func addedCamera(add func(ctx context.Context, c *Client) (int, error)) (id int, err error) {
	err = promise(func(ctx context.Context, c *Client) (err error) {
		id, err = add(ctx, c)
		return err
	})
	return id, err
}
