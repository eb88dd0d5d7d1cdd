package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// apiDocument is what this test knows of OpenAPI.
type apiDocument struct {
	OpenAPI    string                             `json:"openapi"`
	Servers    []struct{ URL string }             `json:"servers"`
	Paths      map[string]map[string]apiOperation `json:"paths"`
	Components struct {
		Parameters map[string]struct{ Name, In string } `json:"parameters"`
		Schemas    map[string]apiSchema                 `json:"schemas"`
		Responses  map[string]apiContent                `json:"responses"`
	} `json:"components"`
}

type apiOperation struct {
	OperationID string                `json:"operationId"`
	Summary     string                `json:"summary"`
	Parameters  []apiReference        `json:"parameters"`
	RequestBody *apiContent           `json:"requestBody"`
	Responses   map[string]apiContent `json:"responses"`
}

type apiReference struct {
	Ref string `json:"$ref"`
}

type apiContent struct {
	apiReference
	Content map[string]struct {
		Schema apiSchema `json:"schema"`
	} `json:"content"`
}

type apiSchema struct {
	apiReference
	Type        string               `json:"type"`
	Format      string               `json:"format"`
	Description string               `json:"description"`
	Properties  map[string]apiSchema `json:"properties"`
	Required    []string             `json:"required"`
	Items       *apiSchema           `json:"items"`
}

func readAPI(t *testing.T) *apiDocument {
	var d apiDocument
	require.NoError(t, json.Unmarshal(openAPI, &d))
	require.Equal(t, adminPath, d.Servers[0].URL)
	return &d
}

// TestOpenAPI: the document has the operations that there are, with the fields that they read and write, and no others.
func TestOpenAPI(t *testing.T) {
	d := readAPI(t)
	described, ids := 0, map[string]bool{}
	for _, operations := range d.Paths {
		described += len(operations)
	}
	assert.Len(t, adminRoutes(), described)
	for _, route := range adminRoutes() {
		t.Run(route.method+" "+route.path, func(t *testing.T) {
			o, ok := d.Paths[route.path][strings.ToLower(route.method)]
			require.True(t, ok)
			assert.False(t, ids[o.OperationID] || o.OperationID == "" || o.Summary == "")
			ids[o.OperationID] = true
			status := map[bool]string{true: "204", false: "200"}[route.response == nil]
			if route.created {
				status = "201"
			}
			success := o.Responses[status]
			require.NotNil(t, o.Responses[status])
			d.matches(t, route.response, success.Content["application/json"].Schema)
			if route.request == nil {
				assert.Nil(t, o.RequestBody)
			} else {
				d.matches(t, route.request, o.RequestBody.Content["application/json"].Schema)
			}
			for name := range o.Responses {
				if name > "299" {
					assert.Equal(t, "#/components/responses/Refused", o.Responses[name].Ref)
				}
			}
			for _, needed := range []string{"401", "403", "429", "503"} {
				assert.Contains(t, o.Responses, needed)
			}
			var inPath []string
			for _, p := range o.Parameters {
				parameter, known := d.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")]
				require.True(t, known, p.Ref)
				if parameter.In == "path" {
					inPath = append(inPath, "{"+parameter.Name+"}")
				}
			}
			for _, name := range inPath {
				assert.Contains(t, route.path, name)
			}
			assert.Len(t, inPath, strings.Count(route.path, "{"))
		})
	}
	d.matches(t, adminError{}, d.Components.Responses["Refused"].Content["application/json"].Schema)
}

// matches holds a schema against the Go type that is encoded.
func (d *apiDocument) matches(t *testing.T, value any, schema apiSchema) {
	t.Helper()
	if value == nil {
		assert.Empty(t, schema.Ref)
		return
	}
	assert.Equal(t, describe(reflect.TypeOf(value)), d.flat(t, schema))
}

// flat renders a schema, references followed.
func (d *apiDocument) flat(t *testing.T, s apiSchema) any {
	t.Helper()
	if s.Ref != "" {
		name := strings.TrimPrefix(s.Ref, "#/components/schemas/")
		require.Contains(t, d.Components.Schemas, name)
		s = d.Components.Schemas[name]
	}
	assert.NotEmpty(t, s.Description)
	switch s.Type {
	case "array":
		return []any{d.flat(t, apiSchema{apiReference: s.Items.apiReference, Type: s.Items.Type, Description: "each"})}
	case "object":
		fields := map[string]any{}
		for name, p := range s.Properties {
			fields[name] = d.flat(t, p)
		}
		required := map[string]bool{}
		for _, name := range s.Required {
			required[name] = true
		}
		fields["(required)"] = required
		return fields
	}
	return strings.TrimSpace(s.Type + " " + s.Format)
}

// describe renders a Go type as its JSON.
func describe(of reflect.Type) any {
	switch {
	case of == reflect.TypeFor[time.Time]():
		return "string date-time"
	case of.Kind() == reflect.Slice:
		return []any{describe(of.Elem())}
	case of.Kind() == reflect.Struct:
		fields, required := map[string]any{}, map[string]bool{}
		for _, f := range reflect.VisibleFields(of) {
			name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous && name == "" {
				continue
			}
			fields[name] = describe(f.Type)
			if option != "omitempty" {
				required[name] = true
			}
		}
		fields["(required)"] = required
		return fields
	case of.Kind() == reflect.String:
		return "string"
	case of.Kind() == reflect.Bool:
		return "boolean"
	}
	if of.Kind() >= reflect.Int && of.Kind() <= reflect.Uint64 {
		return "integer"
	}
	panic(fmt.Sprint("no description of ", of))
}

// brokenQueues is a store that cannot keep queues.
type brokenQueues struct{ Store }

func (*brokenQueues) Queues(context.Context) ([]Queue, error)        { return nil, nil }
func (*brokenQueues) SaveQueue(context.Context, Queue) error         { return errors.New("full") }
func (*brokenQueues) DeleteQueue(context.Context, string, int) error { return errors.New("full") }
