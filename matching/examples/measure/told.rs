//! The figures of a measurement, as text and as a picture.

use crate::judged::Judged;
use renkei_matching::trial::picture::{self, Curve};
use renkei_matching::{Line, Lines, Weight};
use renkei_population::Relation;

/// The upper lines that are tried, in bits.
const UPPER: std::ops::RangeInclusive<u32> = 20..=50;

/// All figures.
pub(crate) fn text(judged: &Judged<'_>) -> String {
    let mut out = figures(judged);
    for (relation, verdicts) in judged.by_relation(Line::Linked) {
        if relation == Relation::Same {
            continue;
        }
        out.push_str(&format!("\nlinked wrongly, {relation:?}: {}\n", verdicts.len()));
        for verdict in verdicts {
            out.push_str(&format!("\n{}\n", verdict.english()));
        }
    }
    out.push_str(
        "\n| upper | right | wrong | precision | recall |\n| --: | --: | --: | --: | --: |\n",
    );
    for (upper, (right, wrong)) in sweep(judged) {
        let (precision, recall) = rates(judged, right, wrong);
        out.push_str(&format!("| {upper} | {right} | {wrong} | {precision:.5} | {recall:.4} |\n"));
    }
    out.push_str("\n| error | pairs | linked | asked |\n| --- | --: | --: | --: |\n");
    for (kind, [all, linked, asked]) in judged.by_error() {
        let percent = |part: usize| 100.0 * share(part, all);
        let (linked, asked) = (percent(linked), percent(asked));
        out.push_str(&format!("| {} | {all} | {linked:.1} % | {asked:.1} % |\n", kind.id()));
    }
    out.push_str("\n| not linked | pairs of one person |\n| --- | --: |\n");
    for (obstacle, count) in judged.by_obstacle() {
        out.push_str(&format!("| {obstacle} | {count} |\n"));
    }
    out
}

fn figures(judged: &Judged<'_>) -> String {
    let trial = &judged.trial;
    let count = |line| {
        let all = judged.by_relation(line);
        let of = |same: bool| {
            let of = all.iter().filter(move |(relation, _)| (**relation == Relation::Same) == same);
            of.map(|(_, verdicts)| verdicts.len()).sum::<usize>()
        };
        (of(true), of(false))
    };
    let ((right, wrong), (rightly, needlessly)) = (count(Line::Linked), count(Line::WorkList));
    let (precision, recall) = rates(judged, right, wrong);
    let asked = judged.by_relation(Line::WorkList);
    let asked: Vec<String> =
        asked.iter().map(|(relation, v)| format!("{relation:?} {}", v.len())).collect();
    let [formed, blocked, compared] = judged.seconds;
    let per_second = |n: usize, seconds: f64| (whole(n) / seconds.max(0.001)).round();
    let records = judged.population.records.len();
    [
        format!("rules {}", judged.rules.version),
        format!("records {records}, pairs of one person {}", judged.of_one.len()),
        format!("compared {}, {} of them of one person", trial.compared, judged.met),
        format!(
            "blocks divided {}, left out {}, the largest of these {}",
            trial.blocks.divided, trial.blocks.left_out, trial.blocks.largest
        ),
        format!(
            "linked {right} rightly, {wrong} wrongly: precision {precision:.5}, recall {recall:.4}"
        ),
        format!("work list {rightly} of one person, {needlessly} of two ({})", asked.join(", ")),
        format!("recall with the work list {:.4}", share(right + rightly, judged.of_one.len())),
        format!("forms {}/s", per_second(records, formed)),
        format!("blocking {blocked:.1} s"),
        format!("pairs {}/s", per_second(trial.compared, compared)),
    ]
    .map(|line| line + "\n")
    .concat()
}

fn sweep(judged: &Judged<'_>) -> Vec<(u32, (usize, usize))> {
    let lines = |upper: u32| Lines { upper: Weight::bits(f64::from(upper)), ..judged.rules.lines };
    UPPER.map(|upper| (upper, judged.links_from(lines(upper)))).collect()
}

/// Precision and recall for each place of the upper line.
pub(crate) fn curve(judged: &Judged<'_>) -> String {
    let rates = sweep(judged).into_iter().map(|(upper, (right, wrong))| {
        let (precision, recall) = rates(judged, right, wrong);
        (f64::from(upper), precision, recall)
    });
    let rates: Vec<_> = rates.collect();
    let (first, last) = (f64::from(*UPPER.start()), f64::from(*UPPER.end()));
    let of = |name: &str, colour, points| Curve { name: name.to_owned(), colour, points };
    let all = [
        of("適合率 / precision", "#1a7f37", rates.iter().map(|(x, p, _)| (*x, *p)).collect()),
        of("再現率 / recall", "#0969da", rates.iter().map(|(x, _, r)| (*x, *r)).collect()),
    ];
    let axes = ["名寄せの境界(ビット) / upper line (bits)", "割合 / share"];
    let title = "適合率と再現率 / Precision and recall";
    picture::curves(title, axes, (first, last), (0.8, 1.0), &all)
}

/// Precision and recall of so many right and wrong links.
fn rates(judged: &Judged<'_>, right: usize, wrong: usize) -> (f64, f64) {
    (share(right, right + wrong), share(right, judged.of_one.len()))
}

fn share(part: usize, all: usize) -> f64 {
    whole(part) / whole(all.max(1))
}

/// A count as a number; counts here are far below 2^32.
fn whole(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
