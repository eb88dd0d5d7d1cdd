package token_test

import (
	"fmt"
	"time"

	"github.com/crvideo/crvideo-go/token"
)

// A business server mints a token for one of its users; the client logs in with it instead of the secret.
func ExampleMint() {
	raw, err := token.Mint("the app's secret", token.Claims{
		AppID:       "demo",
		UID:         "ann",
		Expires:     time.Now().Add(time.Hour),
		Permissions: []token.Permission{token.Enter, token.Publish},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	keys := func(string) (string, bool) { return "the app's secret", true }
	claims, err := token.Parse(keys, raw, time.Now())
	fmt.Println(claims.UID, claims.Allows(token.Publish), claims.Allows(token.Kick), err)
	// Output: ann true false <nil>
}
