// `--llm http` against the fault server, a folder for the store beside it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "support/llm_requests.hpp"

namespace persona4rec::test {

class LlmHttp : public testing::Test {
 protected:
  // The service's outcome for `rows` requests under this plan.
  std::string ask(const Json& plan, std::uint64_t rows = 3) {
    server_ = std::make_unique<LlmServer>(plan);
    return ask_all(options(), rows, &totals_);
  }
  LlmOptions options() const { return http_options(*server_, folder_); }

  TempDir folder_;
  std::unique_ptr<LlmServer> server_;
  ChatTotals totals_;
};

}  // namespace persona4rec::test
