//! Do models of one's own work wherever a model does, and are wrong ones refused?

use std::path::Path;

use super::cli::{loligo, text};
use super::models::LIF;
use loligo::model::equations;

/// Wrong files: what is said, and where.
#[test]
fn wrong_models_are_refused_with_place_and_remedy() {
    let path = Path::new("my.toml");
    let said = |toml: &str| match equations::parse(path, toml, "my") {
        Ok(model) => panic!("{} is taken: {toml}", model.name),
        Err(error) => error.to_string(),
    };
    for (from, to, wanted) in [
        ("e_l - v", "el - v", "my.toml:16: nothing is named `el`; did you mean `e_l`?"),
        ("I/g_l", "I", "this is a current, but what it is held against or added to is a voltage"),
        ("/tau_m", "", "this is a voltage, but dv/dt is a voltage per time"),
        ("\"dv/dt\"", "\"du/dt\"", "there is no key `du/dt` here; did you mean `dv/dt`?"),
        ("start = \"e_l\"", "", "the state `v` has no start value"),
        ("start = \"e_l\"", "start = \"tau_m\"", "this is a time, but the start of v is a voltage"),
        ("reset = { v = \"v_reset\" }", "", "a spike resets nothing"),
        ("v >= v_th", "v_reset >= v_th", "it depends on no state"),
        ("v >= v_th", "1 < 0", "never can hold"),
        ("v >= v_th", "v", "a number is no condition"),
        ("v >= v_th", "v == v_th", "hardly ever equal"),
        ("(e_l - v + I/g_l)/tau_m", "(e_l - v)/(0*tau_m)", "this is 0, and is divided by"),
        (
            "(e_l - v + I/g_l)/tau_m",
            "a/ms\"\n[definitions]\na = \"b\"\nb = \"a*1 mV",
            "defined by itself",
        ),
        ("tau_m = \"10 ms\"", "v = \"10 ms\"", "`v` is in [parameters] already"),
        ("tau_m = \"10 ms\"", "I = \"10 ms\"", "`I` means something else here"),
        ("tau_m = \"10 ms\"", "tau_m = \"10 parsec\"", "no value with a unit that is known"),
        (
            "tau_m = \"10 ms\"",
            "tau_m = { value = \"-1 ms\", bound = \"positive\" }",
            "must be above 0",
        ),
        ("current = \"pA\"", "current = \"mV\"", "`mV` is no unit of a current"),
        ("hold = \"v\"", "hold = \"w\"", "`w` is no state"),
        ("dt = \"0.1 ms\"", "integrator = \"rk5\"", "there is no integrator `rk5`"),
        (
            "dt = \"0.1 ms\"",
            "integrator = \"staggered\"",
            "my.toml:5: this integrator is for models whose first state is a potential",
        ),
        ("[spike]", "[spikes]", "there is no key `spikes` here; did you mean `spike`?"),
        ("e_l - v", "exp(v)", "this is a voltage, but what exp takes is a pure number"),
        ("e_l - v", "foo(v)", "there is no function `foo`"),
        ("e_l - v", "max(v)", "`max` takes 2, not 1"),
        ("e_l - v", "(e_l - v", "not closed"),
        ("e_l - v", "e_l - v^0.3", "cannot be taken to the power 0.3"),
    ] {
        assert!(LIF.contains(from), "{from}");
        let message = said(&LIF.replacen(from, to, 1));
        assert!(message.contains(wanted), "{to}: {message}");
    }
    for bent in ["v^2/mV", "max(v, e_l)", "if(v > e_l, v, e_l)", "e_l*exp(v/mV)"] {
        let bent = LIF.replace("e_l - v", &format!("e_l - {bent}"));
        let bent = bent.replace("dt = \"0.1 ms\"", "integrator = \"exact\"");
        assert!(said(&bent).contains("is for linear equations"), "{bent}");
    }
    for (from, to) in [
        ("+ I/g_l", "+ I/g_l*exp(I/nA)"),
        ("v >= v_th", "v >= v_th + I*0.1 mV/pA"),
        ("v >= v_th", "v - v_th >= 0 mV"),
        ("[spike]", "[spike]\nupward = true"),
        ("t_ref\"", "t_ref*(v/e_l)\""),
    ] {
        let other = LIF.replace("dt = \"0.1 ms\"", "integrator = \"bridge\"");
        assert!(equations::parse(path, &other, "my").is_ok());
        assert!(other.contains(from), "{from}");
        let message = said(&other.replacen(from, to, 1));
        assert!(message.contains("is for spikes where a state"), "{to}: {message}");
    }
    let huge = LIF.replace("e_l - v", &"e_l - v + ".repeat(2000));
    assert!(said(&huge).contains("too long"));
    let lines = (1..150).map(|n| format!("d{n} = \"((d{} + 1) * 1 + 1) / 2\"\n", n - 1));
    let deep = format!("[definitions]\nd0 = \"2\"\n{}[state.v]", lines.collect::<String>());
    let message = said(&LIF.replace("[state.v]", &deep).replace("e_l - v", "e_l*d149 - v"));
    assert!(message.contains("within each other") && message.len() < 400, "{message}");
    assert!(said("").contains("no state"));
    assert!(said("[state]\nv = 3\n").contains("no table"));
    assert!(said("= 3").contains("not TOML"));
}

/// A model of one's own, from the command line.
#[test]
fn an_own_model_works_wherever_a_model_does() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("my_neuron.toml"), LIF).unwrap();
    let run = |arguments: &str| {
        let output = loligo(folder.path(), arguments);
        assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let size = "--model my_neuron.toml --neurons 50 --duration 300 --figures none";
    run(&format!("run {size} --out a --set tau_m=normal(10,1,min=5) --set stimulus.amplitude=300"));
    // The folder is the experiment: the model's file may be gone.
    std::fs::rename(folder.path().join("my_neuron.toml"), folder.path().join("gone")).unwrap();
    run("run a --out b --figures none");
    std::fs::rename(folder.path().join("gone"), folder.path().join("my_neuron.toml")).unwrap();
    assert!(run("diff a b").contains("no difference"), "{}", run("diff a b"));
    let table = run(&format!(
        "compare {size} --sweep tau_m=5,10 --sweep stimulus.amplitude=250,300 --json"
    ));
    let json: serde_json::Value = serde_json::from_str(&table).unwrap();
    assert_eq!(json["populations"].as_array().unwrap().len(), 4);
    let trace = run("trace --model my_neuron.toml --noise none --json");
    let trace: serde_json::Value = serde_json::from_str(&trace).unwrap();
    let compiled: serde_json::Value =
        serde_json::from_str(&run("trace --noise none --json")).unwrap();
    let steps = |of: &serde_json::Value| of["neurons"][0]["spike_steps"].clone();
    assert!(steps(&trace).as_array().unwrap().len() > 3);
    assert_eq!(steps(&trace), steps(&compiled));
    assert!(run("models my_neuron.toml").contains("dv/dt = (e_l - v + I/g_l)/tau_m"));
    assert!(run("models my_neuron.toml --wgsl").contains("fn step"));
    assert!(run("models adaptive_exponential --source").contains("[state.w]"));
    assert!(run("models izhikevich --tape").contains("next v"));
    let output = loligo(folder.path(), "run --model my_neuron.toml --set tau=3");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `tau_m`"), "{}", text(&output.stderr));
    let output = loligo(folder.path(), "run --model adaptive_exponentiel");
    assert!(text(&output.stderr).contains("did you mean `adaptive_exponential`"));
    let output = loligo(folder.path(), "run --model nothing.toml");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    std::fs::write(folder.path().join("big.toml"), "a".repeat(2 << 20)).unwrap();
    let output = loligo(folder.path(), "run --model big.toml");
    assert!(text(&output.stderr).contains("larger than 1 MiB"), "{}", text(&output.stderr));
}

/// A whole paper's methods in one file: models of its own and of the catalogue, each with its own integrator.
#[test]
fn an_experiment_holds_its_own_models() {
    let folder = tempfile::tempdir().unwrap();
    let own = LIF
        .replace("[parameters]", "[model.mine.parameters]")
        .replace("[state.v]", "[model.mine.state.v]")
        .replace("[spike]", "[model.mine.spike]");
    let toml = format!(
        "duration = 300\nneurons = 20\n[[population]]\nname = \"a\"\nmodel = \"mine\"\nintegrator = \"euler\"\n\
         [[population]]\nname = \"b\"\nintegrator = \"exact\"\nmodel = \"lif\"\n\
         [[population]]\nname = \"c\"\nmodel = \"izhikevich\"\npreset = \"fast_spiking\"\n[model.mine]\n{own}"
    );
    std::fs::write(folder.path().join("paper.toml"), &toml).unwrap();
    let run = |arguments: &str| {
        let output = loligo(folder.path(), arguments);
        assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    run("run paper.toml --out a --figures none");
    // The folder needs no other file.
    std::fs::remove_file(folder.path().join("paper.toml")).unwrap();
    run("run a --out b --figures none");
    assert!(run("diff a b").contains("no difference"));
    let summary = std::fs::read_to_string(folder.path().join("b/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    let models: Vec<&str> = summary["populations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["model"].as_str().unwrap())
        .collect();
    assert_eq!(models, ["mine", "lif", "izhikevich"]);
    assert!(
        summary["populations"]
            .as_array()
            .unwrap()
            .iter()
            .all(|p| p["spikes"].as_u64().unwrap() > 100)
    );
    // Alone, it is the one that is meant; wrong, it is shown where it stands.
    std::fs::write(folder.path().join("alone.toml"), format!("[model.mine]\n{own}")).unwrap();
    assert!(
        run("run alone.toml --neurons 5 --duration 100 --json").contains("\"model\": \"mine\"")
    );
    std::fs::write(
        folder.path().join("wrong.toml"),
        format!("[model.mine]\n{}", own.replace("e_l - v", "el - v")),
    )
    .unwrap();
    let output = loligo(folder.path(), "run wrong.toml");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `e_l`"), "{}", text(&output.stderr));
}
