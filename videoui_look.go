package crvideo

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// UILook is how a VideoUI is to be shown. The page under its handler follows it; other faces may read it.
type UILook struct {
	ID                       string            // of the element, for style sheets and scripts
	Left, Top, Width, Height string            // CSS lengths; empty: as the page sees fit
	Hidden                   bool              // after Hide
	NickName                 string            // what is shown; empty: the member's nickname
	HideNickName             bool              // after SetVisibleNickName(false)
	NickNameStyle            map[string]string // CSS properties
	NoDblClickFullScreen     bool              // after DblClickFullScreen(false)
}

const (
	maxUIID        = 64  // bytes
	maxUINickName  = 128 // bytes
	maxStyleValue  = 64  // bytes
	maxStyleFields = 16
)

var (
	cssLength = regexp.MustCompile(`^(auto|[0-9]{1,5}(\.[0-9]{1,3})?(px|%|em|rem|vw|vh)?)$`)
	cssIdent  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	// cssValue leaves out what could end a declaration or load something.
	cssValue = regexp.MustCompile(`^[A-Za-z0-9 #%.,_'"-]*(\([0-9 ,.%]*\))?$`)
)

// nickNameStyles are the CSS properties that SetNickNameStyle takes.
var nickNameStyles = map[string]bool{
	"color": true, "background": true, "background-color": true, "opacity": true, "text-align": true, "text-shadow": true,
	"font-family": true, "font-size": true, "font-style": true, "font-weight": true, "padding": true, "left": true,
	"right": true, "top": true, "bottom": true, "width": true, "height": true, "line-height": true, "border-radius": true,
}

// Look tells how the object is to be shown.
func (ui *VideoUI) Look() UILook {
	ui.mu.Lock()
	defer ui.mu.Unlock()
	look := ui.look
	look.NickNameStyle = maps.Clone(look.NickNameStyle)
	return look
}

func (ui *VideoUI) setLook(change func(*UILook)) {
	ui.mu.Lock()
	defer ui.mu.Unlock()
	change(&ui.look)
	if ui.wish != nil {
		height, hidden := ui.look.wanted()
		ui.c.rewatch(ui.wish, height, hidden)
	}
}

// wanted is the height in which the picture is shown, 0 if it is not known, and whether it is hidden. A width tells as
// much, of a picture as wide as most are.
func (l *UILook) wanted() (height int, hidden bool) {
	height = pixels(l.Height)
	if height <= 0 {
		height = pixels(l.Width) * 9 / 16
	}
	return max(height, 0), l.Hidden
}

// ID sets the element's ID (CRVideo_VideoObj.id): a letter, then letters, digits, "-" and "_", at most 64. Error: 5.
func (ui *VideoUI) ID(id string) error {
	if len(id) > maxUIID || !cssIdent.MatchString(id) {
		return failf("VideoUI.ID", CodeBadParameter, "ID %.80q", id)
	}
	ui.setLook(func(l *UILook) { l.ID = id })
	return nil
}

// Width sets the width (CRVideo_VideoObj.width) as a CSS length, for example "320px" or "50%"; a mere number is pixels,
// an empty one takes it back. In pixels, it tells which size of the stream is enough; see VisibleSize. Error: 5.
func (ui *VideoUI) Width(length string) error {
	return ui.setLength("VideoUI.Width", length, func(l *UILook) *string { return &l.Width })
}

// Height sets the height (CRVideo_VideoObj.height); see Width.
func (ui *VideoUI) Height(length string) error {
	return ui.setLength("VideoUI.Height", length, func(l *UILook) *string { return &l.Height })
}

// Left sets the distance from the left (CRVideo_VideoObj.left); see Width.
func (ui *VideoUI) Left(length string) error {
	return ui.setLength("VideoUI.Left", length, func(l *UILook) *string { return &l.Left })
}

// Top sets the distance from the top (CRVideo_VideoObj.top); see Width.
func (ui *VideoUI) Top(length string) error {
	return ui.setLength("VideoUI.Top", length, func(l *UILook) *string { return &l.Top })
}

func (ui *VideoUI) setLength(op, length string, field func(*UILook) *string) error {
	if length != "" && !cssLength.MatchString(length) {
		return failf(op, CodeBadParameter, "length %.40q", length)
	}
	if _, err := strconv.ParseFloat(length, 64); err == nil {
		length += "px"
	}
	ui.setLook(func(l *UILook) { *field(l) = length })
	return nil
}

// Show and Hide show and hide the picture (CRVideo_VideoObj.show, hide). While it is hidden it is not received.
func (ui *VideoUI) Show() { ui.setLook(func(l *UILook) { l.Hidden = false }) }

// Hide hides the picture; see Show.
func (ui *VideoUI) Hide() { ui.setLook(func(l *UILook) { l.Hidden = true }) }

// VisibleSize tells how large the picture is shown, in pixels: 0 and 0 while it is hidden, -1 for a side that is not
// given in pixels.
func (ui *VideoUI) VisibleSize() (width, height int) {
	look := ui.Look()
	if look.Hidden {
		return 0, 0
	}
	return pixels(look.Width), pixels(look.Height)
}

func pixels(length string) int {
	number, ok := strings.CutSuffix(length, "px")
	n, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil {
		return -1
	}
	return int(n)
}

// SetNickNameContent shows another text than the member's nickname (CRVideo_VideoObj.setNickNameContent); an empty one
// shows the nickname again. Error: 5 longer than 128 bytes.
func (ui *VideoUI) SetNickNameContent(content string) error {
	if len(content) > maxUINickName {
		return failf("VideoUI.SetNickNameContent", CodeBadParameter, "%d bytes, at most %d", len(content), maxUINickName)
	}
	ui.setLook(func(l *UILook) { l.NickName = content })
	return nil
}

// SetVisibleNickName shows or hides the nickname (CRVideo_VideoObj.setVisibleNickName). Default: shown.
func (ui *VideoUI) SetVisibleNickName(visible bool) {
	ui.setLook(func(l *UILook) { l.HideNickName = !visible })
}

// GetVisibleNickName tells whether the nickname is shown (CRVideo_VideoObj.getVisibleNickName).
func (ui *VideoUI) GetVisibleNickName() bool { return !ui.Look().HideNickName }

// SetNickNameStyle sets how the nickname looks (CRVideo_VideoObj.setNickNameStyle), by CSS properties such as "color",
// "background-color", "font-size", "text-align". It replaces the style set before. Error: 5 another property, or a
// value that is none.
func (ui *VideoUI) SetNickNameStyle(style map[string]string) error {
	if err := checkStyle("VideoUI.SetNickNameStyle", style, nickNameStyles); err != nil {
		return err
	}
	style = maps.Clone(style)
	ui.setLook(func(l *UILook) { l.NickNameStyle = style })
	return nil
}

// checkStyle lets no value pass that could be more than a value.
func checkStyle(op string, style map[string]string, properties map[string]bool) error {
	if len(style) > maxStyleFields {
		return failf(op, CodeBadParameter, "%d properties, at most %d", len(style), maxStyleFields)
	}
	for name, value := range style {
		if !properties[name] || len(value) > maxStyleValue || !cssValue.MatchString(value) {
			return failf(op, CodeBadParameter, "property %.40q, value %.80q", name, value)
		}
	}
	return nil
}

// DblClickFullScreen sets whether a double click shows the picture on the full screen (CRVideo_VideoObj.
// dblClickFullScreen). Default: it does.
func (ui *VideoUI) DblClickFullScreen(on bool) {
	ui.setLook(func(l *UILook) { l.NoDblClickFullScreen = !on })
}
