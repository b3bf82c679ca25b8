#include "persona4rec/llm.hpp"

#include "llm/batch/batch_client.hpp"
#include "llm/http/http_client.hpp"
#include "llm/money/dry_run.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

std::unique_ptr<ChatClient> make_chat_client(const LlmOptions& options) {
  if (options.mode == LlmMode::kDumpPrompts) return std::make_unique<DumpClient>(options);
  if (options.mode == LlmMode::kEstimate) return std::make_unique<EstimateClient>(options);
  if (options.provider == LlmProvider::kOffline)
    throw internal_error("the offline provider is no service: offline/offline_client.hpp answers for it");
  if (options.mode == LlmMode::kAsk) return std::make_unique<HttpClient>(options);
  return std::make_unique<BatchClient>(options);
}

}  // namespace persona4rec
