// What is asked about one target.
#pragma once

#include <string>
#include <vector>

#include "asking/prompt.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/select.hpp"
#include "select/shared_items.hpp"
#include "select/target_stream.hpp"

namespace persona4rec {

// The reviews that the user liked or disliked (split.hpp), the newest `options.newest` of them, oldest first.
[[nodiscard]] std::vector<const HistoryReview*> judged_reviews(const std::vector<const HistoryReview*>& earlier,
                                                               const SelectOptions& options);

class SelectPrompt {
 public:
  // `rendered`: the client reads prompts. REQUIRES: options and vocabulary outlive the object. Throws Error kUsage for
  // a prompt that cannot be used.
  SelectPrompt(const SelectOptions& options, const Vocabulary& vocabulary, bool rendered);

  // The personas stand in an order drawn from the seed and the target; the answer is an enum of their ids.
  // REQUIRES: personas and reviews are not empty.
  [[nodiscard]] ChatRequest request(const TargetRow& target, const SharedItem& item,
                                    const std::vector<const HistoryReview*>& reviews) const;

  [[nodiscard]] const std::string& fingerprint() const { return prompt_.fingerprint(); }

 private:
  const SelectOptions& options_;
  const Vocabulary& vocabulary_;
  bool rendered_;
  Prompt prompt_;
};

}  // namespace persona4rec
