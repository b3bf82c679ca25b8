// What is asked about one target.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "asking/prompt.hpp"
#include "lexical/fact_words.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/select.hpp"
#include "select/shared_items.hpp"
#include "select/target_stream.hpp"

namespace persona4rec {

// Of reviews in order those that the user liked or disliked (split.hpp), the newest `options.newest` of them, oldest
// first.
[[nodiscard]] std::vector<const HistoryReview*> judged_reviews(const std::vector<const HistoryReview*>& earlier,
                                                               const SelectOptions& options);

class SelectPrompt {
 public:
  // `rendered`: the client reads prompts. REQUIRES: options and vocabulary outlive the object. Throws Error kUsage for
  // a prompt that cannot be used.
  SelectPrompt(const SelectOptions& options, const Vocabulary& vocabulary, bool rendered);

  // The personas stand in an order drawn from the seed and the target; the answer is an enum of their ids. For a client
  // that reads no prompts the facts say which reviews and personas there are, and their words what they say.
  // REQUIRES: personas and reviews are not empty.
  [[nodiscard]] ChatRequest request(const TargetWork& work, const std::shared_ptr<const SharedItem>& item) const;

  [[nodiscard]] const std::string& fingerprint() const { return prompt_.fingerprint(); }

 private:
  [[nodiscard]] Json review_facts(const HistoryReview& review) const;
  [[nodiscard]] std::shared_ptr<const FactWords> words(const TargetWork& work,
                                                       const std::shared_ptr<const SharedItem>& item,
                                                       const std::vector<std::size_t>& order) const;

  const SelectOptions& options_;
  const Vocabulary& vocabulary_;
  bool rendered_;
  Prompt prompt_;
};

}  // namespace persona4rec
