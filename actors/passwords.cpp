#include "actors/passwords.hpp"

#include "crypto/passwords.hpp"

namespace elsec::actors {
namespace {

bool waited_too_long(passwords_actor::pointer self, const services& with, steady_time asked) {
  return self->clock().now() - asked > with.policy.password_wait;
}

constexpr auto too_many = "too many log-ins at once; repeat in a few seconds";

}  // namespace

passwords_actor::behavior_type passwords(passwords_actor::pointer self, shared_services with) {
  return {
      [self, with](const new_password& what) -> password_hash {
        if (waited_too_long(self, *with, what.asked)) return domain::fail(domain::error_code::overloaded, too_many);
        return crypto::hash_password(what.password);
      },
      [self, with](const password_check& what) -> password_verdict {
        if (waited_too_long(self, *with, what.asked)) return domain::fail(domain::error_code::overloaded, too_many);
        const auto& against = what.encoded_hash.empty() ? crypto::decoy_hash() : what.encoded_hash;
        return crypto::verify_password(against, what.password) && !what.encoded_hash.empty();
      },
  };
}

}  // namespace elsec::actors
