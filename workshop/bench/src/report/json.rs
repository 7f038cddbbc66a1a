use crate::results::{Held, Results, Row};
use load::statistics::Spread;
use load::{Load, Measured};
use serde_json::{Value, json};

/// One object; what is not known is null. Times are in the units that their names end in; a ratio
/// is the spread of the rounds' ratios to the same rounds of the first program.
pub(super) fn render(results: &Results) -> String {
    let loads = results
        .loads
        .iter()
        .map(|(load, rows)| of_load(results, load, rows));
    let memory = results.memory.as_ref().map(|(clients, rows)| {
        let rows = results.programs.iter().zip(rows);
        json!({
            "connections": clients,
            "programs": rows.map(|(name, row)| of_memory(name, row)).collect::<Vec<_>>(),
        })
    });
    let cores = results.cores.map(
        |cores| json!({"server": cores.server, "load": cores.load, "siblings": cores.siblings}),
    );
    let report = json!({
        "machine": {
            "cpu": results.machine.cpu,
            "cores": results.machine.cores,
            "kernel": results.machine.kernel,
        },
        "pinned": cores,
        "rounds": results.rounds,
        "warm_up_s": results.times.warm_up.as_secs_f64(),
        "measured_s": results.times.measured.as_secs_f64(),
        "seed": results.seed,
        "pace_us": results.paces.iter().map(|pace| pace.as_secs_f64() * 1e6).collect::<Vec<_>>(),
        "complete": results.complete,
        "loads": loads.collect::<Vec<_>>(),
        "memory": memory,
    });
    format!("{report:#}\n")
}

fn of_load(results: &Results, load: &Load, rows: &[Row<Measured>]) -> Value {
    let first = rows.first();
    let programs = results.programs.iter().zip(rows).map(|(name, row)| {
        let cpu = row.cpu_per_line();
        json!({
            "name": name,
            "out": row.out.as_ref().map(|out| &out.en),
            "cpu_us_per_line": spread(cpu),
            "ratio": first.and_then(|first| spread(row.cpu_ratio(first))),
            "lines_per_second": spread(row.lines_per_second()),
            "p50_us": spread(row.p50()),
            "p99_us": spread(row.p99()),
            "rounds": row.rounds.iter().map(of_round).collect::<Vec<_>>(),
        })
    });
    json!({
        "load": load.to_string(),
        "connections": load.connections,
        "bytes": load.bytes,
        "in_flight": load.in_flight,
        "idle": load.idle,
        "programs": programs.collect::<Vec<_>>(),
    })
}

fn of_round(round: &Measured) -> Value {
    json!({
        "lines": round.lines,
        "seconds": round.time.as_secs_f64(),
        "cpu_seconds": round.used.cpu.map(|cpu| cpu.as_secs_f64()),
        "load_waited_seconds": round.used.waited.map(|waited| waited.as_secs_f64()),
        "p50_us": round.p50.as_secs_f64() * 1e6,
        "p99_us": round.p99.as_secs_f64() * 1e6,
    })
}

fn of_memory(name: &str, row: &Row<Held>) -> Value {
    json!({
        "name": name,
        "out": row.out.as_ref().map(|out| &out.en),
        "at_rest_bytes": row.at_rest(),
        "bytes_per_connection": row.per_client(),
    })
}

fn spread(spread: Option<Spread>) -> Option<Value> {
    spread.map(|Spread { median, min, max }| json!({"median": median, "min": min, "max": max}))
}
