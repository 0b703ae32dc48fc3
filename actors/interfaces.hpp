#pragma once
// Every actor's interface, one sentence per message. Flows that cross actors are drawn in ARCHITECTURE.md.

#include "actors/messages.hpp"

#include <caf/all.hpp>

namespace elsec::actors {

using shared_envelope = std::shared_ptr<const transport::envelope>;

// Takes the bytes of one upload and makes a document of them.
using upload_actor = caf::typed_actor<
    // Answers when the next block may come; an error ends the upload.
    caf::replies_to<upload_block>::with<done>,
    // Answers 201 when the document is on disk.
    caf::replies_to<finish_upload>::with<outcome>,
    // The client went away: what was stored is freed.
    caf::reacts_to<abort_upload>>;
using upload_started = domain::result<upload_actor>;

}  // namespace elsec::actors

CAF_BEGIN_TYPE_ID_BLOCK(elsec, first_custom_type_id)
CAF_ADD_ATOM(elsec, elsec::actors, flush_atom, "flush")
CAF_ADD_ATOM(elsec, elsec::actors, tick_atom, "tick")
CAF_ADD_ATOM(elsec, elsec::actors, stop_atom, "stop")
CAF_ADD_ATOM(elsec, elsec::actors, idle_atom, "idle")
CAF_ADD_ATOM(elsec, elsec::actors, wake_atom, "wake")
CAF_ADD_ATOM(elsec, elsec::actors, link_atom, "link")
CAF_ADD_ATOM(elsec, elsec::actors, cards_atom, "cards")
CAF_ADD_ATOM(elsec, elsec::actors, start_atom, "start")
CAF_ADD_TYPE_ID(elsec, (elsec::actors::shared_changes))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::commit_result))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::shared_content_work))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::content_result))
CAF_ADD_TYPE_ID(elsec, (elsec::decisions::outcome))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::done))
CAF_ADD_TYPE_ID(elsec, (elsec::decisions::shared_command))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::begin_upload))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::upload_started))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::upload_block))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::finish_upload))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::abort_upload))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::incoming_transfer))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::ask_peer))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::peer_answer))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::publish_card))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::new_password))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::password_check))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::password_hash))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::password_verdict))
CAF_ADD_TYPE_ID(elsec, (elsec::decisions::examine_file))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::examined))
CAF_ADD_TYPE_ID(elsec, (elsec::decisions::compose_paper))
CAF_ADD_TYPE_ID(elsec, (elsec::decisions::submit_paper))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::made_paper))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::shared_envelope))
CAF_ADD_TYPE_ID(elsec, (elsec::actors::shared_bytes))
CAF_ADD_TYPE_ID(elsec, (elsec::domain::organisation_id))
CAF_END_TYPE_ID_BLOCK(elsec)

// Messages never leave the process, so none needs a wire format.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::shared_changes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::commit_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::shared_content_work)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::content_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::decisions::outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::decisions::shared_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::begin_upload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::upload_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::upload_block)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::finish_upload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::abort_upload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::incoming_transfer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::ask_peer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::peer_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::publish_card)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::new_password)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::password_check)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::password_hash)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::password_verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::decisions::examine_file)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::examined)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::decisions::compose_paper)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::decisions::submit_paper)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::made_paper)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::shared_envelope)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::actors::shared_bytes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(elsec::domain::organisation_id)

namespace elsec::actors {

// Commits change sets of the `state` environment in groups, one sync per group.
using state_writer_actor = caf::typed_actor<
    // Answers when the change set is on disk, or why it was refused.
    caf::replies_to<shared_changes>::with<commit_result>,
    // (self) Commits what has been collected.
    caf::reacts_to<flush_atom>,
    // Names the link to wake when a peer's outbox has grown.
    caf::reacts_to<link_atom, std::string, caf::strong_actor_ptr>,
    // Ends after what was already in the mailbox.
    caf::reacts_to<stop_atom>>;

// Writes chunks to the `content` environment and slots to the slot file, in groups.
using content_writer_actor = caf::typed_actor<
    // Answers when everything is on disk.
    caf::replies_to<shared_content_work>::with<content_result>, caf::reacts_to<flush_atom>, caf::reacts_to<stop_atom>>;

// Hashes passwords, one at a time, on a thread of its own.
using passwords_actor = caf::typed_actor<
    // The encoded Argon2id hash; `overloaded` when it would have waited too long.
    caf::replies_to<new_password>::with<password_hash>,
    // Whether the password fits.
    caf::replies_to<password_check>::with<password_verdict>>;

// Looks at uploaded files, one at a time, in a child process.
using screening_actor = caf::typed_actor<
    // What the file holds; an error says nothing about the file.
    caf::replies_to<examine_file>::with<examined>, caf::reacts_to<stop_atom>>;

// A document being worked on: decides what concerns it, one command after the other.
using document_actor = caf::typed_actor<caf::replies_to<shared_command>::with<outcome>,
                                        // (self) Idle for a while?
                                        caf::reacts_to<tick_atom>, caf::reacts_to<stop_atom>>;

// Brings one incoming document to disk.
using transfer_actor = caf::typed_actor<
    // Answers when the copies are committed or refused; an error leaves the row for another attempt.
    caf::replies_to<incoming_transfer>::with<done>,
    // (self) Checks the next of the given number of chunks that are stored already.
    caf::reacts_to<tick_atom, std::uint32_t>>;

// One organisation: decides what concerns it, and sends on what concerns one of its documents.
using tenant_actor = caf::typed_actor<
    caf::replies_to<shared_command>::with<outcome>, caf::replies_to<begin_upload>::with<upload_started>,
    caf::replies_to<incoming_transfer>::with<done>,
    // (its documents) That document's actor has nothing left to do, after so many commands.
    caf::reacts_to<idle_atom, std::string, std::uint64_t>, caf::reacts_to<tick_atom>, caf::reacts_to<stop_atom>>;

// The organisation cards of the network.
using directory_actor = caf::typed_actor<
    // Gives the card the next version, signs it and commits it together with the other changes.
    caf::replies_to<publish_card>::with<commit_result>,
    // Commits these behind the cards that came before them.
    caf::replies_to<shared_changes>::with<commit_result>,
    // A peer's cards, each signed by its home node: stores those that are newer than what is held.
    caf::replies_to<cards_atom, std::string, shared_bytes>::with<done>,
    // The newest version of this node's cards that a peer holds: if we know none so new, all get new ones.
    caf::reacts_to<cards_atom, std::uint64_t>,
    // Names a link to tell when a card of this node has changed.
    caf::reacts_to<link_atom, std::string, caf::strong_actor_ptr>>;

// Composes letters, one at a time, in a child process; hands them to the carrier and listens to it.
using postal_actor = caf::typed_actor<
    // The pages of a letter; `invalid`, `closed` or `not_found` when it cannot be printed.
    caf::replies_to<compose_paper>::with<made_paper>,
    // Answers when the carrier has the letter.
    caf::replies_to<submit_paper>::with<made_paper>,
    // (self) Tells the next of the carrier's reports.
    caf::reacts_to<start_atom>,
    // (self) Asks the carrier for reports.
    caf::reacts_to<tick_atom>, caf::reacts_to<stop_atom>>;

// The traffic with one peer (or with this node itself).
using link_actor = caf::typed_actor<
    // (node) All other actors are there.
    caf::reacts_to<start_atom>,
    // The outbox has grown.
    caf::reacts_to<wake_atom>,
    // Something arrived from the peer.
    caf::reacts_to<shared_envelope>,
    // The peer became reachable or unreachable.
    caf::reacts_to<link_atom, bool>,
    // A card of this node has changed.
    caf::reacts_to<cards_atom>,
    // Asks the peer something; fails at once while it is away.
    caf::replies_to<ask_peer>::with<peer_answer>, caf::reacts_to<tick_atom>, caf::reacts_to<stop_atom>>;

// Hands what the transport's thread receives to the links.
using mailroom_actor = caf::typed_actor<caf::reacts_to<shared_envelope>, caf::reacts_to<link_atom, std::string, bool>,
                                        caf::reacts_to<stop_atom>>;

// Deadlines and leftovers.
using janitor_actor = caf::typed_actor<
    // (self) Looks at everything again.
    caf::reacts_to<tick_atom>,
    // Deadlines may be due.
    caf::reacts_to<wake_atom>,
    // (self) Looks for them.
    caf::reacts_to<start_atom>, caf::reacts_to<stop_atom>>;

// The HTTPS listeners.
using gateway_actor = caf::typed_actor<
    // (self) Reloads certificates that changed on disk.
    caf::reacts_to<tick_atom>,
    // Refuses new connections, ends open ones, answers when all are gone.
    caf::replies_to<stop_atom>::with<caf::unit_t>>;

// The process: starts, supervises and stops the others, and finds the tenant for every command.
using node_actor = caf::typed_actor<
    caf::replies_to<shared_command>::with<outcome>, caf::replies_to<begin_upload>::with<upload_started>,
    caf::replies_to<incoming_transfer>::with<done>,
    // (its tenants) That tenant has nothing left to do, after so many messages that were sent on to it.
    caf::reacts_to<idle_atom, domain::organisation_id, std::uint64_t>,
    // From the transport's thread: something arrived, or a peer became reachable or unreachable.
    caf::reacts_to<shared_envelope>, caf::reacts_to<link_atom, std::string, bool>,
    // Stops everything in order; answers when it is done.
    caf::replies_to<stop_atom>::with<caf::unit_t>>;

}  // namespace elsec::actors
