package admin

import (
	"context"
	"fmt"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/oath"
)

// importing is what the names of an import's operations begin with.
const importing = "device/import/"

// beginImport names no import while there is no room for one.
func beginImport(ctx context.Context, core *authcore.Core, in InTenant) (ImportRef, error) {
	clear, err := core.Imports.Clear(ctx, in.operator())
	if err != nil || !clear {
		return ImportRef{InTenant: in}, err
	}
	id, err := core.Imports.Begin(ctx, in.operator())
	return ImportRef{in, id}, err
}

func stageImport(ctx context.Context, core *authcore.Core, in ImportBatch) ([]ImportResult, error) {
	rows, err := importRows(in.Rows)
	if err != nil {
		return nil, err
	}
	results, err := core.Imports.Stage(ctx, in.operator(), in.Import, rows)
	return shapes(results, err, importResult)
}

func checkImport(ctx context.Context, core *authcore.Core, in ImportBatch) ([]ImportResult, error) {
	rows, err := importRows(in.Rows)
	if err != nil {
		return nil, err
	}
	results, err := core.Imports.Check(ctx, in.operator(), rows)
	return shapes(results, err, importResult)
}

func endImport(ctx context.Context, core *authcore.Core, in ImportRef) (ImportRef, error) {
	return in, core.Imports.End(ctx, in.operator(), in.Import)
}

func abandonImport(ctx context.Context, core *authcore.Core, in ImportRef) (Abandoned, error) {
	done, err := core.Imports.Abandon(ctx, in.operator(), in.Import)
	if authcore.CodeOf(err) == authcore.CodeNotFound { // whoever lost an answer asks twice
		return Abandoned{Done: true}, nil
	}
	return Abandoned{done}, err
}

func importRows(batch []ImportRow) ([]authcore.ImportRow, error) {
	rows := make([]authcore.ImportRow, len(batch))
	for i, r := range batch {
		secret, err := oath.ParseSecret(r.Secret)
		if err != nil {
			return nil, authcore.Wrap(authcore.CodeInvalid, err, fmt.Sprintf("line %d: %v", r.Line, err))
		}
		rows[i] = authcore.ImportRow{
			Line: r.Line, Serial: r.Serial, Kind: authcore.DeviceKind(r.Kind), Secret: secret, Algorithm: oath.Algorithm(r.Algorithm),
			Digits: r.Digits, Period: r.Period, Counter: r.Counter, Drift: r.Drift, Name: r.Name, Expires: r.ExpiresAt,
		}
	}
	return rows, nil
}

func importResult(r authcore.ImportResult) ImportResult {
	return ImportResult{Line: r.Line, Outcome: r.Outcome, Reason: r.Reason}
}
