package token

import (
	"errors"
	"testing"
	"time"
)

// FuzzParse: whatever comes in, Parse neither panics nor accepts what was not signed with the app's secret.
func FuzzParse(f *testing.F) {
	good, err := Mint("secret of app", Claims{AppID: "app", UID: "ann", Expires: now.Add(time.Minute), Room: 12345678, Permissions: []Permission{Enter}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("")
	f.Add("eyJhbGciOiJub25lIn0.eyJpc3MiOiJhcHAifQ.")
	f.Fuzz(func(t *testing.T, raw string) {
		claims, err := Parse(keys, raw, now)
		if err == nil {
			if claims.AppID != "app" || claims.UID == "" || !claims.Expires.After(now) {
				t.Fatalf("accepted %q as %+v", raw, claims)
			}
			return
		}
		if !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrExpired) && !errors.Is(err, ErrUnknownApp) {
			t.Fatalf("unclassified error %v", err)
		}
	})
}
