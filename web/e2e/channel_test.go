//go:build browser

package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/server"
)

// pattern is what both sides can make: byte i is i*7+i/251.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i/251)
	}
	return b
}

// TestChannel: commands, buffers and files go from Go to JavaScript and back, whole, also through cuts and a restart.
func TestChannel(t *testing.T) {
	srv := crvideotest.NewServer(t, func(cfg *server.Config) { cfg.AllowedOrigins = []string{"*"} })
	n := srv.Network()
	ann, tab, _ := withScript(t, srv, n.URL())
	ctx := testContext(t)
	var ok bool
	tab.Eval(t, `(() => {
		window.got = [];
		const sum = async (buffer) => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', buffer)), (b) => b.toString(16).padStart(2, '0')).join('');
		sdk.CRVideo_NotifyCmdData.callback = (uid, data) => got.push(uid + ' ' + data);
		sdk.CRVideo_NotifyBufferData.callback = (uid, text, buffer) => got.push(uid + ' ' + text.length + ' ' + buffer.byteLength);
		sdk.CRVideo_NotifyFileData.callback = async (uid, buffer, name) => got.push(uid + ' ' + name + ' ' + await sum(buffer));
		sdk.CRVideo_SendCmdRslt.callback = (id, code, cookie) => got.push('cmd ' + code + ' ' + cookie);
		sdk.CRVideo_SendBufferRslt.callback = (id, code, cookie) => got.push('buffer ' + code + ' ' + cookie);
		sdk.CRVideo_SendFileRslt.callback = (id, code, cookie) => got.push('file ' + code + ' ' + cookie);
		window.progress = [];
		sdk.CRVideo_SendProgress.callback = (id, sent, total, cookie) => progress.push(sent);
		window.pattern = (n) => { const b = new Uint8Array(n); for (let i = 0; i < n; i++) b[i] = i * 7 + Math.floor(i / 251); return b; };
		return true;
	})()`, &ok)
	saw := func(what string) {
		t.Helper()
		tab.Wait(t, fmt.Sprintf(`got.includes(%q)`, what))
	}
	commands, buffers, files := to(ann.OnNotifyCmdData), to(ann.OnNotifyBufferData), to(ann.OnNotifyFileData)

	require.NoError(t, ann.SendCmd(ctx, "grace", "hällo"))
	saw("ann hällo")
	require.NoError(t, ann.SendBuffer(ctx, "grace", []byte("tea für zwei")))
	saw("ann 12 13")
	tab.Eval(t, `(sdk.CRVideo_SendCmd('ann', 'hi <&>', 1), sdk.CRVideo_SendBuffer('ann', 'täa', 2), sdk.CRVideo_SendCmd('nobody', '', 3), sdk.CRVideo_SendBuffer('nobody', 'x', 4), true)`, &ok)
	assert.Equal(t, crvideo.NotifyCmdData{UID: "grace", Data: "hi <&>"}, heard(t, commands))
	assert.Equal(t, crvideo.NotifyBufferData{UID: "grace", Data: []byte("täa")}, heard(t, buffers))
	for _, end := range []string{"cmd 0 1", "buffer 0 2", "cmd 1102 3", "buffer 1102 4"} {
		saw(end)
	}

	data := pattern(3<<20 + 5)
	sum := sha256.Sum256(data)
	for i, hurt := range []func(){
		func() {},
		func() { n.CutAtMessage(crvideotest.Frames(crvideotest.ToServer).Of("grace").Nth(30)) },
		func() { n.CutAtMessage(crvideotest.Frames(crvideotest.ToClient).Of("grace").Nth(5)) },
		func() {
			rule := n.WatchMessage(crvideotest.Frames(crvideotest.ToServer).Of("grace").Nth(20))
			go func() { <-rule.Hit(); n.RestartFresh(0) }()
		},
	} {
		hurt()
		tab.Eval(t, fmt.Sprintf(`(progress.length = 0, sdk.CRVideo_SendFile('ann', new File([pattern(%d)], 'film.mp4'), 'f%d'), true)`, len(data), i), &ok)
		got := heard(t, files)
		assert.Equal(t, "film.mp4", got.FileName)
		assert.True(t, bytes.Equal(data, got.FileBuffer))
		saw(fmt.Sprintf("file 0 f%d", i))
		var last int
		tab.Eval(t, `progress.at(-1)`, &last)
		assert.Len(t, data, last)

		name := fmt.Sprintf("to-you-%d.bin", i)
		require.NoError(t, ann.SendFile(ctx, "grace", crvideo.OutgoingFile{Name: "../" + name, Size: int64(len(data)), Content: bytes.NewReader(data)}))
		saw("ann " + name + " " + hex.EncodeToString(sum[:]))
	}
	tab.Eval(t, `(sdk.CRVideo_CancelSend(sdk.CRVideo_SendFile('ann', new File([pattern(1e6)], 'x'), 'canceled')), sdk.CRVideo_NotifyFileData.callback = null, true)`, &ok)
	assert.ErrorIs(t, ann.SendFile(ctx, "grace", crvideo.OutgoingFile{Name: "x", Content: bytes.NewReader(nil)}), crvideo.CodeCallRefused)
}
