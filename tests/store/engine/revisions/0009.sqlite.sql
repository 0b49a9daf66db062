BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0009');
CREATE TABLE applications (
	connection_id INTEGER NOT NULL, 
	id VARCHAR(100) NOT NULL, 
	fingerprint BIGINT NOT NULL, 
	snapshot TEXT NOT NULL, 
	status_class INTEGER, 
	unknown_status TEXT, 
	late BOOLEAN NOT NULL, 
	occurrences JSON NOT NULL, 
	updated_at DATETIME, 
	absent INTEGER NOT NULL, 
	gone BOOLEAN NOT NULL, 
	discovered BOOLEAN NOT NULL, 
	unread VARCHAR(8), gone_at DATETIME, changed_at DATETIME, taken_by VARCHAR(32), taken_at DATETIME, had_by VARCHAR(32), 
	CONSTRAINT pk_applications PRIMARY KEY (connection_id, id), 
	CONSTRAINT fk_applications_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "applications" VALUES(1,'id 1',1,'{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}',1,'unknown_status 1',1,'{"late": 1}','2026-03-01 12:00:00.000001',1,1,1,'unread 1','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','taken_by 1','2026-03-01 12:00:00.000001','had_by 1');
INSERT INTO "applications" VALUES(2,'id 2',2,'{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}',2,'unknown_status 2',0,'{"late": 1}','2026-03-02 12:00:00.000002',2,0,0,'unread 2','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','taken_by 2','2026-03-02 12:00:00.000002','had_by 2');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	team_id VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	user_id VARCHAR(32) NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	target VARCHAR(100), 
	outcome VARCHAR(8) NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'team_id 1','2026-03-01 12:00:00.000001','user_id 1','action 1','target 1','utcome 1','detail 1');
INSERT INTO "audit" VALUES(2,'team_id 2','2026-03-02 12:00:00.000002','user_id 2','action 2','target 2','utcome 2','detail 2');
CREATE TABLE cards (
	team_id VARCHAR(32) NOT NULL, 
	channel_id VARCHAR(32) NOT NULL, 
	connection_id INTEGER NOT NULL, 
	application_id VARCHAR(100) NOT NULL, 
	message_ts VARCHAR(32) NOT NULL, 
	token VARCHAR(32) NOT NULL, 
	"trigger" VARCHAR(16) NOT NULL, 
	posted_at DATETIME NOT NULL, 
	shown VARCHAR(16) NOT NULL, 
	dirty_at DATETIME, 
	version INTEGER DEFAULT '0' NOT NULL, 
	lost VARCHAR(64), 
	follows_ts VARCHAR(32), 
	reminded_at DATETIME, 
	CONSTRAINT pk_cards PRIMARY KEY (team_id, channel_id, connection_id, application_id), 
	CONSTRAINT fk_cards_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "cards" VALUES('team_id 1','channel_id 1',1,'application_id 1','message_ts 1','token 1','late','2026-03-01 12:00:00.000001','shown 1','2026-03-01 12:00:00.000001',1,'lost 1','follows_ts 1','2026-03-01 12:00:00.000001');
INSERT INTO "cards" VALUES('team_id 2','channel_id 2',2,'application_id 2','message_ts 2','token 2','late','2026-03-02 12:00:00.000002','shown 2','2026-03-02 12:00:00.000002',2,'lost 2','follows_ts 2','2026-03-02 12:00:00.000002');
CREATE TABLE channels (
	team_id VARCHAR(32) NOT NULL, 
	channel_id VARCHAR(32) NOT NULL, 
	style TEXT NOT NULL, 
	schedule TEXT NOT NULL, 
	set_by VARCHAR(32) NOT NULL, 
	set_at DATETIME NOT NULL, 
	CONSTRAINT pk_channels PRIMARY KEY (team_id, channel_id)
);
INSERT INTO "channels" VALUES('team_id 1','channel_id 1','{}','{}','set_by 1','2026-03-01 12:00:00.000001');
INSERT INTO "channels" VALUES('team_id 2','channel_id 2','{}','{}','set_by 2','2026-03-02 12:00:00.000002');
CREATE TABLE connections (
	id INTEGER NOT NULL, 
	team_id VARCHAR(32) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	base_url TEXT NOT NULL, 
	credential VARCHAR(64) NOT NULL, 
	status_rules TEXT DEFAULT '' NOT NULL, 
	baseline_at DATETIME, 
	suspended TEXT, 
	asked_at DATETIME, 
	answer VARCHAR(16), 
	read_at DATETIME, 
	failing_since DATETIME, 
	error TEXT, 
	paused_until DATETIME, 
	pace_note TEXT, 
	lease_owner VARCHAR(64), 
	lease_until DATETIME, 
	fence INTEGER DEFAULT '0' NOT NULL, outage_told_at DATETIME, stalled_told_at DATETIME, chosen_status JSON, sealed TEXT, hint VARCHAR(4), made_by VARCHAR(32), made_at DATETIME, ended_at DATETIME, failing_way VARCHAR(16), failing_alike_since DATETIME, poll_at DATETIME, 
	CONSTRAINT pk_connections PRIMARY KEY (id), 
	CONSTRAINT uq_connections_team_id_name UNIQUE (team_id, name)
);
INSERT INTO "connections" VALUES(1,'team_id 1','name 1','https://clust.invalid/api','credential 1','status_rules 1','2026-03-01 12:00:00.000001','suspended 1','2026-03-01 12:00:00.000001','answer 1','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','error 1','2026-03-01 12:00:00.000001','pace_note 1','lease_owner 1','2026-03-01 12:00:00.000001',1,'2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','{"7_signed": "submitted"}','sealed 1','nt 1','made_by 1','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','failing_way 1','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001');
INSERT INTO "connections" VALUES(2,'team_id 2','name 2','https://clust.invalid/api','credential 2','status_rules 2','2026-03-02 12:00:00.000002','suspended 2','2026-03-02 12:00:00.000002','answer 2','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','error 2','2026-03-02 12:00:00.000002','pace_note 2','lease_owner 2','2026-03-02 12:00:00.000002',2,'2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','{"7_signed": "submitted"}','sealed 2','nt 2','made_by 2','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','failing_way 2','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002');
CREATE TABLE defaults (
	team_id VARCHAR(32) NOT NULL, 
	channel_id VARCHAR(32) NOT NULL, 
	connection_id INTEGER NOT NULL, 
	CONSTRAINT pk_defaults PRIMARY KEY (team_id, channel_id), 
	CONSTRAINT fk_defaults_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "defaults" VALUES('team_id 1','channel_id 1',1);
INSERT INTO "defaults" VALUES('team_id 2','channel_id 2',2);
CREATE TABLE "deliveries" (
	id INTEGER NOT NULL, 
	token VARCHAR(32) NOT NULL, 
	event_id INTEGER, 
	team_id VARCHAR(32) NOT NULL, 
	channel_id VARCHAR(32) NOT NULL, 
	connection_id INTEGER NOT NULL, 
	application_id VARCHAR(100) NOT NULL, 
	"trigger" VARCHAR(16) NOT NULL, 
	subscription_ids JSON NOT NULL, 
	slot_id INTEGER, 
	state VARCHAR(8) NOT NULL, 
	hold VARCHAR(16), 
	reason TEXT, 
	attempts INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	attempted_at DATETIME, 
	lease_owner VARCHAR(64), 
	lease_until DATETIME, 
	fence INTEGER NOT NULL, 
	message_ts VARCHAR(32), 
	sent_at DATETIME, 
	kind VARCHAR(8) DEFAULT 'event' NOT NULL, 
	held_until DATETIME, 
	summary_id INTEGER, 
	part INTEGER DEFAULT '0' NOT NULL, 
	about JSON, 
	thread_ts VARCHAR(32), look_up_id VARCHAR(32), 
	CONSTRAINT pk_deliveries PRIMARY KEY (id), 
	CONSTRAINT uq_deliveries_event_id_channel_id UNIQUE (event_id, channel_id), 
	CONSTRAINT uq_deliveries_token UNIQUE (token), 
	CONSTRAINT fk_deliveries_event_id FOREIGN KEY(event_id) REFERENCES events (id), 
	CONSTRAINT fk_deliveries_slot_id FOREIGN KEY(slot_id) REFERENCES subscriptions (id), 
	CONSTRAINT fk_deliveries_summary_id FOREIGN KEY(summary_id) REFERENCES deliveries (id)
);
INSERT INTO "deliveries" VALUES(1,'token 1',1,'team_id 1','channel_id 1',1,'application_id 1','late','[1]',1,'sent','hold 1','reason 1',1,'2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','lease_owner 1','2026-03-01 12:00:00.000001',1,'message_ts 1','2026-03-01 12:00:00.000001','event','2026-03-01 12:00:00.000001',1,1,'null','thread_ts 1','look_up_id 1');
INSERT INTO "deliveries" VALUES(2,'token 2',2,'team_id 2','channel_id 2',2,'application_id 2','late','[1]',2,'sent','hold 2','reason 2',2,'2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','lease_owner 2','2026-03-02 12:00:00.000002',2,'message_ts 2','2026-03-02 12:00:00.000002','event','2026-03-02 12:00:00.000002',2,2,'null','thread_ts 2','look_up_id 2');
CREATE TABLE "drafts" (
	id VARCHAR(32) NOT NULL, 
	team_id VARCHAR(32) NOT NULL, 
	user_id VARCHAR(32) NOT NULL, 
	form VARCHAR(32) NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	sealed TEXT NOT NULL, 
	connection_id INTEGER, 
	target VARCHAR(100), 
	result VARCHAR(100), 
	template VARCHAR(100), 
	view_id VARCHAR(32), 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	kept_at DATETIME, 
	sending_at DATETIME, 
	owed_since DATETIME, 
	CONSTRAINT pk_drafts PRIMARY KEY (id), 
	CONSTRAINT fk_drafts_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "drafts" VALUES('id 1','team_id 1','user_id 1','form 1','sent','sealed 1',1,'target 1','result 1','template 1','view_id 1','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001');
INSERT INTO "drafts" VALUES('id 2','team_id 2','user_id 2','form 2','sent','sealed 2',2,'target 2','result 2','template 2','view_id 2','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002');
CREATE TABLE events (
	id INTEGER NOT NULL, 
	connection_id INTEGER NOT NULL, 
	application_id VARCHAR(100) NOT NULL, 
	"trigger" VARCHAR(16) NOT NULL, 
	occurrence INTEGER NOT NULL, 
	seen_at DATETIME NOT NULL, 
	poll_id INTEGER NOT NULL, 
	snapshot TEXT NOT NULL, 
	status_class INTEGER, verdicts JSON, actor VARCHAR(32), 
	CONSTRAINT pk_events PRIMARY KEY (id), 
	CONSTRAINT fk_events_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id), 
	CONSTRAINT fk_events_poll_id FOREIGN KEY(poll_id) REFERENCES polls (id), 
	CONSTRAINT uq_events_connection_id_application_id_trigger_occurrence UNIQUE (connection_id, application_id, "trigger", occurrence)
);
INSERT INTO "events" VALUES(1,1,'application_id 1','trigger 1',1,'2026-03-01 12:00:00.000001',1,'{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}',1,'[]','actor 1');
INSERT INTO "events" VALUES(2,2,'application_id 2','trigger 2',2,'2026-03-02 12:00:00.000002',2,'{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}',2,'[]','actor 2');
CREATE TABLE floods (
	delivery_id INTEGER NOT NULL, 
	team_id VARCHAR(32) NOT NULL, 
	channel_id VARCHAR(32) NOT NULL, 
	opened_at DATETIME NOT NULL, 
	answer VARCHAR(8), 
	counts JSON, 
	answered_by VARCHAR(32), 
	answered_at DATETIME, 
	dirty_at DATETIME, 
	CONSTRAINT pk_floods PRIMARY KEY (delivery_id), 
	CONSTRAINT fk_floods_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
INSERT INTO "floods" VALUES(1,'team_id 1','channel_id 1','2026-03-01 12:00:00.000001','answer 1','{}','answered_by 1','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001');
INSERT INTO "floods" VALUES(2,'team_id 2','channel_id 2','2026-03-02 12:00:00.000002','answer 2','{}','answered_by 2','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002');
CREATE TABLE installations (
	id VARCHAR(32) NOT NULL, 
	is_org BOOLEAN NOT NULL, 
	enterprise_id VARCHAR(32), 
	name VARCHAR(255) NOT NULL, 
	url TEXT NOT NULL, 
	bot_user_id VARCHAR(32) NOT NULL, 
	bot_id VARCHAR(32) NOT NULL, 
	scopes TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	expires_at DATETIME, 
	version INTEGER NOT NULL, 
	renewing_until DATETIME, 
	installed_by VARCHAR(32) NOT NULL, 
	installed_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_installations PRIMARY KEY (id)
);
INSERT INTO "installations" VALUES('id 1',1,'enterprise_id 1','name 1','url 1','bot_user_id 1','bot_id 1','scopes 1','sealed 1','2026-03-01 12:00:00.000001',1,'2026-03-01 12:00:00.000001','installed_by 1','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001');
INSERT INTO "installations" VALUES('id 2',0,'enterprise_id 2','name 2','url 2','bot_user_id 2','bot_id 2','scopes 2','sealed 2','2026-03-02 12:00:00.000002',2,'2026-03-02 12:00:00.000002','installed_by 2','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002');
CREATE TABLE leases (
	team_id VARCHAR(32) NOT NULL, 
	name VARCHAR(32) NOT NULL, 
	owner VARCHAR(64) NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_leases PRIMARY KEY (team_id, name)
);
INSERT INTO "leases" VALUES('team_id 1','name 1','owner 1','2026-03-01 12:00:00.000001');
INSERT INTO "leases" VALUES('team_id 2','name 2','owner 2','2026-03-02 12:00:00.000002');
CREATE TABLE look_ups (
	id VARCHAR(32) NOT NULL, 
	team_id VARCHAR(32) NOT NULL, 
	channel_id VARCHAR(32) NOT NULL, 
	thread_ts VARCHAR(32), 
	oldest DATETIME NOT NULL, 
	latest DATETIME NOT NULL, 
	cursor TEXT DEFAULT '' NOT NULL, 
	posts JSON NOT NULL, 
	is_complete BOOLEAN DEFAULT 0 NOT NULL, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	began_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	turn_at DATETIME NOT NULL, 
	lease_until DATETIME, 
	fence INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_look_ups PRIMARY KEY (id)
);
INSERT INTO "look_ups" VALUES('id 1','team_id 1','channel_id 1','thread_ts 1','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','cursor 1','{}',1,1,1,'2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001',1);
INSERT INTO "look_ups" VALUES('id 2','team_id 2','channel_id 2','thread_ts 2','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','cursor 2','{}',0,2,2,'2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002',2);
CREATE TABLE "mutes" (
	id INTEGER NOT NULL, 
	team_id VARCHAR(32) NOT NULL, 
	channel_id VARCHAR(32) NOT NULL, 
	application_id VARCHAR(100) DEFAULT ('') NOT NULL, 
	"trigger" VARCHAR(16) DEFAULT ('') NOT NULL, 
	until DATETIME, 
	set_by VARCHAR(32) NOT NULL, 
	set_at DATETIME NOT NULL, 
	connection_id INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_mutes PRIMARY KEY (id), 
	CONSTRAINT uq_mutes_one_each UNIQUE (team_id, channel_id, connection_id, application_id, "trigger")
);
INSERT INTO "mutes" VALUES(1,'team_id 1','channel_id 1','application_id 1','trigger 1','2026-03-01 12:00:00.000001','set_by 1','2026-03-01 12:00:00.000001',1);
INSERT INTO "mutes" VALUES(2,'team_id 2','channel_id 2','application_id 2','trigger 2','2026-03-02 12:00:00.000002','set_by 2','2026-03-02 12:00:00.000002',2);
CREATE TABLE notices (
	id INTEGER NOT NULL, 
	team_id VARCHAR(32) NOT NULL, 
	subject VARCHAR(120) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	content TEXT NOT NULL, 
	own JSON NOT NULL, 
	is_personal BOOLEAN NOT NULL, 
	reached JSON NOT NULL, 
	failures JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	lease_until DATETIME, 
	fence INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_notices PRIMARY KEY (id), 
	CONSTRAINT uq_notices_team_id_subject UNIQUE (team_id, subject)
);
INSERT INTO "notices" VALUES(1,'team_id 1','subject 1','event','content 1','{}',1,'{}','{}','2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001',1,'2026-03-01 12:00:00.000001',1);
INSERT INTO "notices" VALUES(2,'team_id 2','subject 2','event','content 2','{}',0,'{}','{}','2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002',2,'2026-03-02 12:00:00.000002',2);
CREATE TABLE oauth_states (
	state VARCHAR(64) NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_oauth_states PRIMARY KEY (state)
);
INSERT INTO "oauth_states" VALUES('state 1','2026-03-01 12:00:00.000001');
INSERT INTO "oauth_states" VALUES('state 2','2026-03-02 12:00:00.000002');
CREATE TABLE paces (
	team_id VARCHAR(32) NOT NULL, 
	channel_id VARCHAR(32) NOT NULL, 
	next_at DATETIME NOT NULL, 
	per_minute FLOAT, 
	throttled_at DATETIME, 
	CONSTRAINT pk_paces PRIMARY KEY (team_id, channel_id)
);
INSERT INTO "paces" VALUES('team_id 1','channel_id 1','2026-03-01 12:00:00.000001',1.0,'2026-03-01 12:00:00.000001');
INSERT INTO "paces" VALUES('team_id 2','channel_id 2','2026-03-02 12:00:00.000002',2.0,'2026-03-02 12:00:00.000002');
CREATE TABLE people (
	team_id VARCHAR(32) NOT NULL, 
	user_id VARCHAR(32) NOT NULL, 
	is_admin BOOLEAN NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	seen_at DATETIME NOT NULL, mentions BOOLEAN DEFAULT 1 NOT NULL, left_at DATETIME, 
	CONSTRAINT pk_people PRIMARY KEY (team_id, user_id)
);
INSERT INTO "people" VALUES('team_id 1','user_id 1',1,'Europe/Paris','2026-03-01 12:00:00.000001',1,'2026-03-01 12:00:00.000001');
INSERT INTO "people" VALUES('team_id 2','user_id 2',0,'Europe/Paris','2026-03-02 12:00:00.000002',0,'2026-03-02 12:00:00.000002');
CREATE TABLE polls (
	id INTEGER NOT NULL, 
	connection_id INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME NOT NULL, 
	pages INTEGER NOT NULL, 
	seen INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	error TEXT, 
	CONSTRAINT pk_polls PRIMARY KEY (id), 
	CONSTRAINT fk_polls_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id)
);
INSERT INTO "polls" VALUES(1,1,'2026-03-01 12:00:00.000001','2026-03-01 12:00:00.000001',1,1,1,'error 1');
INSERT INTO "polls" VALUES(2,2,'2026-03-02 12:00:00.000002','2026-03-02 12:00:00.000002',2,2,2,'error 2');
CREATE TABLE processes (
	id VARCHAR(64) NOT NULL, 
	alive_until DATETIME NOT NULL, 
	CONSTRAINT pk_processes PRIMARY KEY (id)
);
INSERT INTO "processes" VALUES('id 1','2026-03-01 12:00:00.000001');
INSERT INTO "processes" VALUES('id 2','2026-03-02 12:00:00.000002');
CREATE TABLE roles (
	team_id VARCHAR(32) NOT NULL, 
	subject_id VARCHAR(32) NOT NULL, 
	kind VARCHAR(8) NOT NULL, 
	role VARCHAR(8) NOT NULL, 
	given_by VARCHAR(32) NOT NULL, 
	given_at DATETIME NOT NULL, 
	CONSTRAINT pk_roles PRIMARY KEY (team_id, subject_id)
);
INSERT INTO "roles" VALUES('team_id 1','subject_id 1','event','viewer','given_by 1','2026-03-01 12:00:00.000001');
INSERT INTO "roles" VALUES('team_id 2','subject_id 2','event','viewer','given_by 2','2026-03-02 12:00:00.000002');
CREATE TABLE rounds (
	team_id VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	subject_id VARCHAR(32) NOT NULL, 
	due_at DATETIME NOT NULL, 
	strikes INTEGER NOT NULL, 
	read_at DATETIME, 
	facts JSON, 
	CONSTRAINT pk_rounds PRIMARY KEY (team_id, kind, subject_id)
);
INSERT INTO "rounds" VALUES('team_id 1','kind 1','subject_id 1','2026-03-01 12:00:00.000001',1,'2026-03-01 12:00:00.000001','{}');
INSERT INTO "rounds" VALUES('team_id 2','kind 2','subject_id 2','2026-03-02 12:00:00.000002',2,'2026-03-02 12:00:00.000002','{}');
CREATE TABLE saved_actions (
	id INTEGER NOT NULL, 
	connection_id INTEGER NOT NULL, 
	name VARCHAR(24) NOT NULL, 
	folded_name VARCHAR(100) NOT NULL, 
	method VARCHAR(8) NOT NULL, 
	path TEXT NOT NULL, 
	sealed TEXT, 
	classes JSON NOT NULL, 
	role VARCHAR(8) NOT NULL, 
	asks_first BOOLEAN NOT NULL, 
	done TEXT NOT NULL, 
	is_pinned BOOLEAN NOT NULL, 
	base_url TEXT NOT NULL, 
	is_tried BOOLEAN NOT NULL, 
	revision INTEGER NOT NULL, 
	saved_by VARCHAR(32) NOT NULL, 
	saved_at DATETIME NOT NULL, 
	CONSTRAINT pk_saved_actions PRIMARY KEY (id), 
	CONSTRAINT fk_saved_actions_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id), 
	CONSTRAINT uq_saved_actions_connection_id_folded_name UNIQUE (connection_id, folded_name)
);
INSERT INTO "saved_actions" VALUES(1,1,'name 1','folded_name 1','method 1','path 1','sealed 1','{}','viewer',1,'done 1',1,'https://clust.invalid/api',1,1,'saved_by 1','2026-03-01 12:00:00.000001');
INSERT INTO "saved_actions" VALUES(2,2,'name 2','folded_name 2','method 2','path 2','sealed 2','{}','viewer',0,'done 2',0,'https://clust.invalid/api',0,2,'saved_by 2','2026-03-02 12:00:00.000002');
CREATE TABLE subscriptions (
	id INTEGER NOT NULL, 
	team_id VARCHAR(32) NOT NULL, 
	channel_id VARCHAR(32) NOT NULL, 
	connection_id INTEGER NOT NULL, 
	filter VARCHAR(1000) NOT NULL, 
	events JSON NOT NULL, 
	"limit" INTEGER, 
	state VARCHAR(16) NOT NULL, 
	reason VARCHAR(64), 
	told_at DATETIME, 
	shared_ok VARCHAR(32), 
	created_by VARCHAR(32) NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_subscriptions PRIMARY KEY (id), 
	CONSTRAINT fk_subscriptions_connection_id FOREIGN KEY(connection_id) REFERENCES connections (id), 
	CONSTRAINT uq_subscriptions_team_id_channel_id_connection_id_filter UNIQUE (team_id, channel_id, connection_id, filter)
);
INSERT INTO "subscriptions" VALUES(1,'team_id 1','channel_id 1',1,'filter 1','"[\"late\", \"approved\"]"',1,'sent','reason 1','2026-03-01 12:00:00.000001','shared_ok 1','created_by 1','Europe/Paris','2026-03-01 12:00:00.000001');
INSERT INTO "subscriptions" VALUES(2,'team_id 2','channel_id 2',2,'filter 2','"[\"late\", \"approved\"]"',2,'sent','reason 2','2026-03-02 12:00:00.000002','shared_ok 2','created_by 2','Europe/Paris','2026-03-02 12:00:00.000002');
CREATE TABLE workspaces (
	team_id VARCHAR(32) NOT NULL, 
	installation_id VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_workspaces PRIMARY KEY (team_id), 
	CONSTRAINT fk_workspaces_installation_id FOREIGN KEY(installation_id) REFERENCES installations (id)
);
INSERT INTO "workspaces" VALUES('team_id 1','id 1');
INSERT INTO "workspaces" VALUES('team_id 2','id 2');
CREATE INDEX ix_applications_connection_id_updated_at ON applications (connection_id, updated_at);
CREATE INDEX ix_polls_started_at ON polls (started_at);
CREATE INDEX ix_events_seen_at ON events (seen_at);
CREATE INDEX ix_audit_team_id_id ON audit (team_id, id);
CREATE INDEX ix_cards_connection_id_application_id ON cards (connection_id, application_id);
CREATE INDEX ix_cards_team_id_dirty_at ON cards (team_id, dirty_at);
CREATE INDEX ix_floods_team_id_channel_id ON floods (team_id, channel_id);
CREATE INDEX ix_deliveries_state_due ON deliveries (state, due_at);
CREATE INDEX ix_deliveries_order ON deliveries (team_id, channel_id, connection_id, application_id, id);
CREATE INDEX ix_deliveries_summary_id ON deliveries (summary_id);
CREATE INDEX ix_rounds_kind_due_at ON rounds (kind, due_at);
CREATE INDEX ix_look_ups_team_id_due_at ON look_ups (team_id, due_at);
CREATE INDEX ix_connections_lease_owner_poll_at ON connections (lease_owner, poll_at);
CREATE INDEX ix_applications_unsettled ON applications (connection_id) WHERE unread IS NOT NULL OR absent > 0;
CREATE INDEX ix_drafts_team_id_user_id ON drafts (team_id, user_id);
CREATE INDEX ix_deliveries_waiting ON deliveries (state, team_id, due_at);
CREATE INDEX ix_polls_connection_id_ended_at ON polls (connection_id, ended_at);
CREATE INDEX ix_rounds_kind_team_id_due_at ON rounds (kind, team_id, due_at);
CREATE INDEX ix_notices_team_id_due_at ON notices (team_id, due_at);
CREATE INDEX ix_cards_stale ON cards (team_id, dirty_at) WHERE dirty_at IS NOT NULL;
CREATE INDEX ix_floods_stale ON floods (team_id, dirty_at) WHERE dirty_at IS NOT NULL;
CREATE INDEX ix_drafts_owed ON drafts (team_id, owed_since) WHERE owed_since IS NOT NULL;
CREATE INDEX ix_subscriptions_untold ON subscriptions (team_id) WHERE state = 'held' AND told_at IS NULL;
CREATE INDEX ix_applications_taken_by ON applications (connection_id, taken_by) WHERE taken_by IS NOT NULL;
CREATE INDEX ix_applications_had_by ON applications (connection_id, had_by) WHERE had_by IS NOT NULL;
CREATE INDEX ix_applications_gone_at ON applications (gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX ix_connections_asking ON connections (team_id) WHERE suspended IS NOT NULL AND asked_at IS NULL AND answer IS NULL;
COMMIT;
