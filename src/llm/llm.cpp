#include "persona4rec/llm.hpp"

#include "llm/batch_client.hpp"
#include "llm/dry_run.hpp"
#include "llm/http_client.hpp"
#include "llm/offline.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

std::unique_ptr<ChatClient> make_chat_client(const LlmOptions& options) {
  if (options.mode == LlmMode::kDumpPrompts) return std::make_unique<DumpClient>(options);
  if (options.mode == LlmMode::kEstimate) return std::make_unique<EstimateClient>(options);
  if (options.provider == LlmProvider::kHttp && options.mode == LlmMode::kAsk)
    return std::make_unique<HttpClient>(options);
  if (options.provider == LlmProvider::kHttp) return std::make_unique<BatchClient>(options);
  if (options.mode != LlmMode::kAsk)
    throw usage_error("--batch needs --llm http: the offline provider needs no batches");
  return std::make_unique<OfflineClient>();
}

}  // namespace persona4rec
