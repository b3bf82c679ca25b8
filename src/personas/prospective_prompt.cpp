#include "personas/prospective_prompt.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "asking/bounded_request.hpp"
#include "base/excerpt.hpp"
#include "base/utf8.hpp"
#include "personas/persona_problem.hpp"
#include "personas/persona_prompt.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxProspectTitleBytes = 300;
constexpr std::size_t kMaxProspectSummaryBytes = 1200;
constexpr std::uint64_t kMostTokens = 1500;  // of one prompt: what a catalogue says of an item is soon said

}  // namespace

ProspectivePrompt::ProspectivePrompt(const PersonasOptions& options)
    : options_(options), prompt_(Prompt::load(options.prompts, "prospective")) {
  require_persona_fields(prompt_, {"Name", "Description", "Preference_Rationale"});
}

std::optional<ChatRequest> ProspectivePrompt::request(const SummaryRow& item) const {
  const bool has_text =
      !trim(item.item_title).empty() || !trim(item.item_description).empty() || !trim(item.item_summary).empty();
  if (!has_text) return std::nullopt;
  const std::uint64_t most = std::min(kMaxProspective, options_.max_personas);
  Json bounded = *prompt_.schema();
  bounded["properties"]["personas"]["maxItems"] = most;
  const auto schema = std::make_shared<const Json>(std::move(bounded));
  const auto make = [&](std::string description) {
    Json facts = {{"item_title", excerpt(item.item_title, kMaxProspectTitleBytes)},
                  {"item_summary", excerpt(item.item_summary, kMaxProspectSummaryBytes)},
                  {"item_description", std::move(description)},
                  {"min_personas", 1},
                  {"max_personas", most},
                  {"open", options_.knowledge != Knowledge::kReviews}};
    auto request = prompt_.request(std::move(facts), "item " + item.item_id.text(), options_.answers.sampling,
                                   most < kMaxProspective ? schema : nullptr);
    request.check = persona_problem;
    return request;
  };
  return bounded_request(item.item_description, options_.prompt_tokens == 0 ? 0 : kMostTokens, make).request;
}

}  // namespace persona4rec
