#include "report/page/page_style.hpp"

namespace persona4rec {
namespace {

// Text at least 4.5 : 1 against what it stands on, marks and bars at least 3 : 1, in both schemes. The series' colours
// differ for every kind of colour blindness (blue, vermilion, green, purple, ochre, red of different lightness) and
// have marks and dashes of their own.
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--page:#f5f7fa;--card:#fff;--ink:#18202b;--soft:#4b5563;--rule:#d9dee5;--accent:#0067b0;
--warn:#7a4a00;--warn-bg:#fff4dc;--good:#00765a;--s0:#5f6b7a;--s1:#0067b0;--s2:#b84a00;--s3:#00765a;--s4:#8f3f8a;
--s5:#7a6200;--s6:#b3261e}
@media (prefers-color-scheme:dark){:root{--page:#12161c;--card:#1b212a;--ink:#e7ebf0;--soft:#b3bcc8;--rule:#38424f;
--accent:#6bb8f5;--warn:#ffd68a;--warn-bg:#3a2d10;--good:#4fd0a5;--s0:#a3afbd;--s1:#6bb8f5;--s2:#ff9d5c;--s3:#4fd0a5;
--s4:#e3a0dd;--s5:#e2c84f;--s6:#ff9088}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;
overflow-wrap:anywhere}
header,main,footer,nav{max-width:1080px;margin:0 auto;padding:0 20px}
header{padding-top:32px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px}
h2{font-size:1.25rem;margin:0 0 12px}
h3{font-size:1rem;margin:0}
p{margin:0 0 12px;max-width:78ch}
a{color:var(--accent)}
.subtitle,footer{color:var(--soft)}
footer{padding-top:8px;padding-bottom:40px;font-size:.875rem}
nav ul{list-style:none;margin:16px 0;padding:0;display:flex;flex-wrap:wrap;gap:6px 18px;font-size:.9375rem}
section{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:20px;margin:0 0 18px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(158px,1fr));gap:12px;margin:0 0 16px}
.facts{list-style:none;padding:0}
.facts li{border:1px solid var(--rule);border-radius:8px;padding:10px 14px}
.facts span{display:block;color:var(--soft);font-size:.8125rem}
.facts strong{font-size:1.5rem;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}
.absent{color:var(--soft);font-style:italic}
.warning{background:var(--warn-bg);color:var(--warn);border-left:4px solid;padding:8px 12px;max-width:none}
.scroll{overflow-x:auto;margin:0 0 16px;background:linear-gradient(to right,var(--card) 40%,transparent) left/60px 100% no-repeat local,
linear-gradient(to left,var(--card) 40%,transparent) right/60px 100% no-repeat local,
linear-gradient(to right,var(--rule),transparent) left/12px 100% no-repeat scroll,
linear-gradient(to left,var(--rule),transparent) right/12px 100% no-repeat scroll}
.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:0 0 6px}
th,td{text-align:left;padding:5px 10px;border-bottom:1px solid var(--rule);vertical-align:top;overflow-wrap:normal}
th{font-weight:500}
thead th{color:var(--soft);border-bottom:2px solid var(--rule);vertical-align:bottom}
th:first-child,td:first-child{padding-left:0}
.n{text-align:right;white-space:nowrap}
.wide{min-width:13em}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(400px,100%),1fr));gap:18px;margin:0 0 12px}
figure{margin:0;min-width:0;max-width:640px}
figcaption{font-weight:600;font-size:.875rem;margin:0 0 4px}
.chart{display:block;width:100%;height:auto}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;margin:0;padding:0;font-size:.8125rem}
.legend li{display:flex;align-items:center;gap:6px}
.swatch{flex:none}
summary{color:var(--soft);font-size:.8125rem;cursor:pointer;padding:2px 0}
.chart text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;fill:var(--soft);font-variant-numeric:tabular-nums}
.chart .value{fill:var(--ink);font-size:11px}
.grid{stroke:var(--rule)}.axis{stroke:var(--soft)}.whisker{stroke:var(--ink);stroke-width:1.3}
.c0{--c:var(--s0)}.c1{--c:var(--s1)}.c2{--c:var(--s2)}.c3{--c:var(--s3)}.c4{--c:var(--s4)}.c5{--c:var(--s5)}
.c6{--c:var(--s6)}
.line{stroke:var(--c)}.mark,.bar,.band{fill:var(--c)}
.explained{list-style:none;margin:0;padding:0;counter-reset:n}
.explained>li{border-top:1px solid var(--rule);padding:14px 0;break-inside:avoid}
.explained>li:first-child{border-top:0;padding-top:0}
.ids{color:var(--soft);font-size:.8125rem;margin:0 0 6px}
.outcome{font-size:.875rem;margin:0 0 8px}
.hit{color:var(--good);font-weight:600}
.why{display:grid;grid-template-columns:minmax(190px,260px) 1fr;gap:4px 24px}
.channels{list-style:none;margin:0 0 8px;padding:0;font-size:.8125rem}
.channels li{display:grid;grid-template-columns:5.5em 1fr 3.8em;gap:8px;align-items:center}
.channels svg{width:100%;height:8px;display:block}
.reviews{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(260px,100%),1fr));gap:4px 24px}
.why p,.why blockquote{font-size:.875rem;margin:0 0 6px}
.why blockquote{font-size:.8125rem;line-height:1.4}
.why .head{color:var(--soft);font-size:.8125rem}
blockquote{padding:0 0 0 12px;border-left:3px solid var(--rule)}
blockquote b{font-weight:600}
@media (max-width:560px){header,main,footer,nav{padding-left:12px;padding-right:12px}header{padding-top:20px}
section{padding:14px 12px;border-radius:8px}h1{font-size:1.4rem}.chart text{font-size:14px}.chart .value,.chart .label{font-size:12px}.why{grid-template-columns:1fr}
.facts{grid-template-columns:1fr 1fr;gap:8px}.facts li{padding:8px 10px}.facts strong{font-size:1.25rem}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#3d4653;--rule:#c3cad3;--accent:#000;
--warn:#5c3800;--warn-bg:#fff;--good:#005a44;--s0:#5f6b7a;--s1:#0067b0;--s2:#b84a00;--s3:#00765a;--s4:#8f3f8a;
--s5:#7a6200;--s6:#b3261e}
body{font-size:10pt}header,main,footer,nav{max-width:none;padding-left:0;padding-right:0}nav,details{display:none}
section{border:0;border-top:1px solid var(--rule);border-radius:0;padding:12px 0;margin:0}
h2,caption,figcaption{break-after:avoid}figure,tr,.facts li{break-inside:avoid}.scroll{overflow:visible;background:none}
.facts{grid-template-columns:repeat(5,1fr);gap:6px}.facts li{padding:6px 8px}.facts strong{font-size:14pt}
.why{grid-template-columns:132px 1fr;gap:4px 14px}.channels li{grid-template-columns:4.4em 1fr 3.2em;gap:4px}
.reviews{grid-template-columns:1fr 1fr;gap:4px 14px}.why p,.why blockquote,.channels,.ids,.why .head{font-size:8pt;margin-bottom:3px}
.explained>li{padding:7px 0}h2{font-size:13pt}h3{font-size:10.5pt}.outcome{font-size:9pt;margin-bottom:3px}

table{font-size:8.5pt}.n{white-space:normal}.wide{min-width:0}.charts{grid-template-columns:1fr 1fr}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@page{margin:16mm}
)css";

}  // namespace

std::string_view page_style() {
  return kStyle;
}

}  // namespace persona4rec
