"""How the page looks: one style sheet for screen, dark screen and paper, with fonts that every machine has."""

STYLE = """
:root{color-scheme:light dark;--ink:#1c242c;--ground:#fff;--soft:#f4f6f8;--line:#d6dbe0;--quiet:#59636d;--link:#1769a0}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaee;--ground:#12171c;--soft:#1b2229;--line:#36404a;
--quiet:#a0aab4;--link:#6db8ea}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:62rem;margin:0 auto;padding:2.2rem 1.4rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem}
h2{font-size:1.4rem;line-height:1.25;margin:3rem 0 .7rem;padding-top:1rem;border-top:2px solid var(--line)}
h3{font-size:1.02rem;margin:1.7rem 0 .5rem}
h4{font-size:1rem;margin:0 0 .3rem;overflow-wrap:anywhere}
p{margin:.5rem 0;max-width:52rem}
a{color:var(--link)}
.quiet,.note{color:var(--quiet);font-size:.86rem}
.facts{color:var(--quiet);font-size:.9rem;overflow-wrap:anywhere}
.absent{color:var(--quiet);font-style:italic}
nav{margin:1.2rem 0 1.6rem;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;font-size:.95rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.34rem .7rem .34rem 0;border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--line);font-weight:600;color:var(--quiet)}
td.n,th.n{text-align:right}
td.n{white-space:nowrap}
td small,th small{display:block;color:var(--quiet);font-size:.9em}
td small{white-space:nowrap}
th[scope=row] small{font-weight:400;margin-top:.1em;max-width:30em;overflow-wrap:anywhere}
td.t{overflow-wrap:anywhere;min-width:6rem}
td b{font-weight:650}
td.id{max-width:16rem;min-width:8em;overflow-wrap:anywhere}
td.id.short{white-space:nowrap}
th[scope=row]{font-weight:500;min-width:16rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.8rem}
pre{background:var(--soft);padding:.8rem 1rem;border-radius:8px;overflow-x:auto;line-height:1.5;margin:.4rem 0}
details{margin:1rem 0}
summary{cursor:pointer;color:var(--link);font-size:.92rem}
figure{margin:1rem 0}
figcaption{font-weight:600;font-size:.95rem;margin-bottom:.3rem}
svg{width:100%;height:auto;max-width:52rem;display:block;font:12.5px system-ui,-apple-system,"Segoe UI",
Roboto,Arial,sans-serif}
svg text{fill:var(--ink)}
svg .quiet{fill:var(--quiet);font-size:11px}
svg .grid{stroke:var(--line);stroke-width:1}
svg .mark{stroke:var(--quiet);stroke-width:1.3;stroke-dasharray:5 4}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(15.5rem,1fr));gap:.8rem;margin:1rem 0}
.card{border:1px solid var(--line);border-radius:9px;padding:.85rem 1rem;min-width:0}
.item{margin:.8rem 0;break-inside:auto}
.label{margin:.7rem 0 .1rem;font-size:.78rem;letter-spacing:.05em;text-transform:uppercase;color:var(--quiet)}
.pw-eyebrow{font-size:.72rem;letter-spacing:.06em;text-transform:uppercase;opacity:.75}
blockquote{margin:0;padding:.5rem .8rem;border-left:3px solid var(--line);white-space:pre-wrap;
overflow-wrap:anywhere;font-size:.92rem}
dl{margin:.5rem 0}
dt{font-weight:650;margin-top:1rem}
dd{margin:.15rem 0 0;font-size:.92rem;max-width:52rem}
footer{margin-top:3rem;border-top:2px solid var(--line);padding-top:.8rem}
@page{margin:16mm 14mm}
@media print{
:root{color-scheme:light;font-size:9.5pt;--ink:#111;--ground:#fff;--soft:#f3f4f6;--line:#c4cad0;
--quiet:#444c55;--link:#111}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:9.5pt;line-height:1.42;orphans:3;widows:3}
main{max-width:none;padding:0}
nav,summary{display:none}
h2{margin-top:1.6rem}
h1,h2,h3,figcaption,thead,h2+p,p:has(+figure),p:has(+.wide),p:has(+h3){break-after:avoid}
figure,.card:not(.item),tr,dt,.few,p{break-inside:avoid}
dt,.label,.item h4,.item h4+p{break-after:avoid}
.item{-webkit-box-decoration-break:clone;box-decoration-break:clone}
thead{display:table-header-group}
tbody tr:first-child,tbody tr:nth-last-child(2){break-after:avoid}
table{font-size:7.6pt;line-height:1.35}
th,td{padding:.22rem .75em .22rem 0}
td:last-child,th:last-child{padding-right:0}
td small,th small{font-size:.92em}
td.used{white-space:normal}
td.t{min-width:6.8em}
td.id{max-width:11em}
th[scope=row]{min-width:9em}
thead th{white-space:normal;overflow-wrap:normal}
.wide{overflow:visible}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:7.2pt;
-webkit-box-decoration-break:clone;box-decoration-break:clone}
.appendix{break-before:page}
details::details-content{content-visibility:visible;height:auto}
a{text-decoration:none}
}
"""

CARDS = (
    ".card{margin:1rem 0;padding:.8rem 1rem;border:1px solid var(--line);border-radius:8px;break-inside:avoid}"
    "pre.text{white-space:pre-wrap}"
)
"""What a page of feedback has besides: one box an item, its texts with their line breaks."""
