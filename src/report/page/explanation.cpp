#include "report/page/explanation.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/format.hpp"
#include "report/page/chart_frame.hpp"

namespace persona4rec {
namespace {

constexpr double kBarWidth = 100;

void write_channel(Markup& out, const std::string& name, double value, double most) {
  const bool against = value < 0;
  const auto [css, plain] = chart_color(against ? 2 : 1);
  out.open("li");
  out.leaf("span", name);
  out.open("svg",
           {{"viewBox", "0 0 100 8"}, {"preserveAspectRatio", "none"}, {"height", "8"}, {"aria-hidden", "true"}});
  const double width = most > 0 ? std::abs(value) / most * kBarWidth : 0;
  out.shape("rect", {{"class", "bar " + css}, {"width", coordinate(width)}, {"height", "8"}, {"fill", plain}});
  out.close();
  out.leaf("span", number_text("%+.2f", value), {{"class", "n"}});
  out.close();
}

void write_score(Markup& out, const ReportExplanation& one) {
  double most = 0;
  for (const auto& [name, value] : one.channels) most = std::max(most, std::abs(value));
  out.open("div");
  out.open("ul", {{"class", "channels"}, {"aria-label", "What each channel adds to the score"}});
  for (const auto& [name, value] : one.channels) write_channel(out, name, value, most);
  out.close();
  if (!one.words.empty()) out.leaf("p", "Words in common: " + one.words);
  out.close();
}

void write_reviews(Markup& out, const std::string& head, const std::vector<ExplainedReview>& reviews) {
  if (reviews.empty()) return;
  out.open("div");
  out.leaf("p", head, {{"class", "head"}});
  for (const auto& review : reviews) {
    out.open("blockquote");
    out.leaf("b", review.head);
    out.text(" " + review.text);
    out.close();
  }
  out.close();
}

void write_persona(Markup& out, const ReportExplanation& one) {
  out.open("div");
  if (one.persona.empty()) {
    out.leaf("p", "No persona of this item matches the user.", {{"class", "absent"}});
  } else {
    out.open("p");
    out.leaf("b", one.persona);
    out.text(" " + one.persona_text);
    out.close();
  }
  out.open("div", {{"class", "reviews"}});
  write_reviews(out, "Reviews behind that persona", one.support);
  write_reviews(out, "Closest to it in the user's own history", one.history);
  out.close();
  out.close();
}

}  // namespace

void write_explanations(Markup& out, const ReportExplanations& explanations) {
  out.open("ol", {{"class", "explained"}});
  for (const auto& one : explanations) {
    out.open("li");
    out.open("h3");
    out.leaf("bdi", one.title);
    out.close();
    out.leaf("p", one.subtitle, {{"class", "ids"}});
    out.leaf("p", one.outcome, {{"class", one.hit ? "outcome hit" : "outcome"}});
    out.open("div", {{"class", "why"}});
    write_score(out, one);
    write_persona(out, one);
    out.close();
    out.close();
  }
  out.close();
}

}  // namespace persona4rec
