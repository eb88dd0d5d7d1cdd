package wire_test

import (
	"fmt"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func ExampleDecode() {
	m, err := wire.Decode([]byte(`{"jsonrpc":"2.0","id":7,"method":"kickout","params":{"uid":""}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var p wire.UIDParams
	failed := wire.DecodeParams(m.Params, &p)
	answer, _ := wire.Response(m.ID, nil, failed)
	data, _ := wire.Encode(answer)
	fmt.Println(string(data))
	// Output: {"jsonrpc":"2.0","id":7,"error":{"code":5,"message":"field \"uid\" is missing"}}
}
