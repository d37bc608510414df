package elcoin

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// maxBody is how many bytes a body may have.
const maxBody = 64 << 10

// modelName is the one model of the vendor's that is served.
const modelName = "oAuthDevice"

// modelRoots are where models are: the vendor prints all three.
var modelRoots = []string{"/model/", "/api/model/", "/api/"}

// operation is what may be asked of a model, by whom, and how.
type operation struct {
	role  string
	takes map[string]handler // by method
}

// handler answers somebody who is known and may ask.
type handler func(x *exchange) (answer, error)

// operations are those of the model, by what stands after it in a path.
var operations = map[string]operation{
	"putDb":   {roleModify, map[string]handler{http.MethodPost: putDb}},
	"prepare": {roleModify, map[string]handler{http.MethodPost: prepare}},
	// It says what putDb would, to whom putDb would.
	"validate":                         {roleModify, map[string]handler{http.MethodPost: validate}},
	"deleteItem/{id}":                  {roleModify, map[string]handler{http.MethodPost: deleteItem}},
	"getDb/{id}":                       {roleView, map[string]handler{http.MethodGet: getDb, http.MethodPost: getDb}},
	"getData/oAuthDeviceSearchRequest": {roleView, map[string]handler{http.MethodPost: search}},
}

// modelRoute knows whatever is below the model, served or not: who missed by a letter may
// have sent a device number, which no app may get. Other models are the app's.
func (e *Elcoin) modelRoute(method, path string) (dialect.Route, bool) {
	rest, ok := strings.CutPrefix(path, e.Prefix)
	below := ""
	ok = ok && slices.ContainsFunc(modelRoots, func(root string) (found bool) {
		below, found = strings.CutPrefix(rest, root+modelName)
		return found
	})
	if !ok || below != "" && below[0] != '/' {
		return dialect.Route{}, false
	}
	name, ref, _ := strings.Cut(strings.TrimPrefix(below, "/"), "/")
	if named := name + "/{id}"; ref != "" && !strings.Contains(ref, "/") && operations[named].takes != nil {
		name = named
	} else if below != "" {
		name, ref = below[1:], ""
	}
	route := dialect.Route{Name: dialectName + "/" + modelName + "/" + name, MaxBody: maxBody}
	of := operations[name]
	switch handle := of.takes[method]; {
	case of.takes == nil:
		route.Name, route.Serve = dialectName+"/"+modelName+"/…", nothingHere
	case handle == nil:
		route.Serve = wrongMethod(slices.Sorted(maps.Keys(of.takes)))
	default:
		route.Serve = e.serve(handle, of.role, ref)
	}
	return route, true
}

func nothingHere(http.ResponseWriter, *dialect.Call) error {
	return dialect.Refuse(http.StatusNotFound, "there is nothing here")
}

func wrongMethod(served []string) func(http.ResponseWriter, *dialect.Call) error {
	return func(http.ResponseWriter, *dialect.Call) error {
		refusal := dialect.Refuse(http.StatusMethodNotAllowed, "this takes the method "+strings.Join(served, " or "))
		refusal.Allow = strings.Join(served, ", ")
		return refusal
	}
}
