#include "asking/shared_client.hpp"

#include "base/log.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

void SharedClient::ask(const RequestStream& requests) {
  const auto of_model = [&]() -> std::optional<ChatRequest> {
    while (auto request = requests()) {
      if (!request->for_rest) return request;
    }
    return std::nullopt;
  };
  try {
    model_.ask(of_model);
  } catch (const BudgetError& error) {
    budget_used_up_ = true;
    log_warning(std::string(error.what()) + "; the rest is answered without a model");
  }
}

ChatOutcome SharedClient::outcome(const ChatRequest& request) {
  const bool is_of_model = !request.for_rest && (!budget_used_up_ || model_.has_answer(request));
  if (is_of_model) return model_.outcome(request);
  ++of_rest_;
  return rest_.outcome(request);
}

}  // namespace persona4rec
