use loligo::engine::{Plan, Record, cpu::Cpu};
use loligo::experiment::Experiment;
use loligo::setting::{Document, Setting};
fn main() {
    let mut flags=vec![];
    for a in std::env::args().skip(2) { flags.push(Setting::assignment(&a).unwrap()); }
    let prec=std::env::args().nth(1).unwrap();
    let e = match Experiment::new(&Document::default(), &flags) { Ok(e)=>e, Err(e)=>{ println!("{}", e.render(false)); return; } };
    let plan = Plan { record: if prec.ends_with('n') {Record::None} else {Record::Spikes}, block_words: None };
    let t=std::time::Instant::now();
    let s = if prec.starts_with('g') { let g=loligo::engine::choice::choose(loligo::engine::choice::Choice::Gpu, None, Default::default()).unwrap(); println!("open {:?}", t.elapsed()); loligo::simulation::simulate(&*g, &e, plan, &mut |_| true) } else if prec.starts_with("f64") { loligo::simulation::simulate(&Cpu::<f64>::new("x"), &e, plan, &mut |_| true) } else {loligo::simulation::simulate(&Cpu::<f32>::new("x"), &e, plan, &mut |_| true)}.unwrap();
    let n: u64 = s.counts.iter().map(|&c| c as u64).sum();
    println!("{} spikes, rate {}, setup {:?} stepping {:?} all {:?} = {:.3} G/s", n, n as f64/e.neurons() as f64/e.duration_ms()*1e3, s.setup, s.stepping, t.elapsed(), e.neurons() as f64*s.steps as f64/s.stepping.as_secs_f64()/1e9);
    if let Some(t)=s.trains { println!("{:?}", &t.train(0)[..t.train(0).len().min(12)]); }
}
