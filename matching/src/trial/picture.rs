//! Pictures of a trial: SVG, without script and without anything from elsewhere.

use super::Trial;

/// Width and height of a picture, and the margin around what is drawn, in pixels.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const MARGIN: f64 = 56.0;

/// A line of points in a picture.
#[derive(Clone, Debug)]
pub struct Curve {
    /// What it is called.
    pub name: String,
    /// Its colour, as SVG writes one.
    pub colour: &'static str,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
}

/// A picture of curves, whose axes span what `across` and `up` say.
pub fn curves(
    title: &str,
    axes: [&str; 2],
    across: (f64, f64),
    up: (f64, f64),
    all: &[Curve],
) -> String {
    let place = |(x, y): (f64, f64)| {
        let along = |v: f64, (from, to): (f64, f64)| ((v - from) / (to - from)).clamp(0.0, 1.0);
        let x = MARGIN + along(x, across) * (WIDTH - 2.0 * MARGIN);
        (x, HEIGHT - MARGIN - along(y, up) * (HEIGHT - 2.0 * MARGIN))
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"24\" font-size=\"14\">{}</text>\n",
        escaped(title)
    );
    for step in 0..=4 {
        let part = f64::from(step) / 4.0;
        let (x, y) = (across.0 + part * (across.1 - across.0), up.0 + part * (up.1 - up.0));
        let ((px, bottom), (left, py)) = (place((x, up.0)), place((across.0, y)));
        let (right, top) = (WIDTH - MARGIN, MARGIN);
        svg.push_str(&format!(
            "<path d=\"M{left:.1} {py:.1}H{right:.1}M{px:.1} {bottom:.1}V{top:.1}\" stroke=\"#ddd\"/>\n\
             <text x=\"{px:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            bottom + 16.0,
            number(x),
            left - 6.0,
            py + 4.0,
            number(y)
        ));
    }
    svg.push_str(&format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n<text x=\"8\" y=\"42\">{}</text>\n",
        WIDTH / 2.0,
        HEIGHT - 14.0,
        escaped(axes[0]),
        escaped(axes[1])
    ));
    for (n, curve) in (0_u32..).zip(all) {
        let points: Vec<String> = curve
            .points
            .iter()
            .map(|point| {
                let (x, y) = place(*point);
                format!("{x:.1},{y:.1}")
            })
            .collect();
        svg.push_str(&format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{}\">{}</text>\n",
            points.join(" "),
            curve.colour,
            WIDTH - MARGIN - 6.0,
            MARGIN + 16.0 + 16.0 * f64::from(n),
            curve.colour,
            escaped(&curve.name)
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

/// The distribution of the scores of a trial: how many pairs came to which line, as log10 of their number.
pub fn distribution(trial: &Trial) -> String {
    // counts far below 2^52
    let height = |count: u64| (count as f64 + 1.0).log10();
    let curve = |name: &str, colour, of: fn(&super::Count) -> u64| Curve {
        name: name.to_owned(),
        colour,
        points: trial.scores.iter().map(|(score, n)| (f64::from(*score), height(of(n)))).collect(),
    };
    let all = [
        curve("名寄せ / linked", "#1a7f37", |n| n.linked),
        curve("確認 / asked", "#bf8700", |n| n.asked),
        curve("なし / nothing", "#57606a", |n| n.nothing),
    ];
    let first = trial.scores.keys().next().copied().unwrap_or_default();
    let last = trial.scores.keys().next_back().copied().unwrap_or_default();
    let across = (f64::from(first), f64::from(last.max(first.saturating_add(1))));
    let highest = all.iter().flat_map(|c| &c.points).map(|(_, y)| *y).fold(1.0, f64::max);
    let axes = ["合計(ビット) / score (bits)", "組の数 (log10) / pairs"];
    curves("点数の分布 / Distribution of scores", axes, across, (0.0, highest.ceil()), &all)
}

fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
