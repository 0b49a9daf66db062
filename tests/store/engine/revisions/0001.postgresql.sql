CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.applications (
    connection_id integer NOT NULL,
    id character varying(100) NOT NULL,
    fingerprint bigint NOT NULL,
    snapshot text NOT NULL,
    status_class integer,
    unknown_status text,
    late boolean NOT NULL,
    occurrences json NOT NULL,
    updated_at timestamp with time zone,
    absent integer NOT NULL,
    gone boolean NOT NULL,
    discovered boolean NOT NULL,
    unread character varying(8)
);
CREATE TABLE public.connections (
    id integer NOT NULL,
    team_id character varying(32) NOT NULL,
    name character varying(80) NOT NULL,
    base_url text NOT NULL,
    credential character varying(64) NOT NULL,
    status_rules text DEFAULT ''::text NOT NULL,
    baseline_at timestamp with time zone,
    suspended text,
    asked_at timestamp with time zone,
    answer character varying(16),
    read_at timestamp with time zone,
    failing_since timestamp with time zone,
    error text,
    paused_until timestamp with time zone,
    pace_note text,
    lease_owner character varying(64),
    lease_until timestamp with time zone,
    fence integer DEFAULT 0 NOT NULL
);
CREATE SEQUENCE public.connections_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.connections_id_seq OWNED BY public.connections.id;
CREATE TABLE public.deliveries (
    id integer NOT NULL,
    token character varying(32) NOT NULL,
    event_id integer NOT NULL,
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    connection_id integer NOT NULL,
    application_id character varying(100) NOT NULL,
    trigger character varying(16) NOT NULL,
    subscription_ids json NOT NULL,
    slot_id integer NOT NULL,
    state character varying(8) NOT NULL,
    hold character varying(16),
    reason text,
    attempts integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempted_at timestamp with time zone,
    lease_owner character varying(64),
    lease_until timestamp with time zone,
    fence integer NOT NULL,
    message_ts character varying(32),
    sent_at timestamp with time zone
);
CREATE SEQUENCE public.deliveries_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.deliveries_id_seq OWNED BY public.deliveries.id;
CREATE TABLE public.events (
    id integer NOT NULL,
    connection_id integer NOT NULL,
    application_id character varying(100) NOT NULL,
    trigger character varying(16) NOT NULL,
    occurrence integer NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    poll_id integer NOT NULL,
    snapshot text NOT NULL,
    status_class integer
);
CREATE SEQUENCE public.events_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.events_id_seq OWNED BY public.events.id;
CREATE TABLE public.paces (
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    next_at timestamp with time zone NOT NULL,
    per_minute double precision,
    throttled_at timestamp with time zone
);
CREATE TABLE public.people (
    team_id character varying(32) NOT NULL,
    user_id character varying(32) NOT NULL,
    is_admin boolean NOT NULL,
    zone character varying(64) NOT NULL,
    seen_at timestamp with time zone NOT NULL
);
CREATE TABLE public.polls (
    id integer NOT NULL,
    connection_id integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    pages integer NOT NULL,
    seen integer NOT NULL,
    changed integer NOT NULL,
    error text
);
CREATE SEQUENCE public.polls_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.polls_id_seq OWNED BY public.polls.id;
CREATE TABLE public.subscriptions (
    id integer NOT NULL,
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    connection_id integer NOT NULL,
    filter character varying(1000) NOT NULL,
    events json NOT NULL,
    "limit" integer,
    state character varying(16) NOT NULL,
    reason character varying(64),
    told_at timestamp with time zone,
    shared_ok character varying(32),
    created_by character varying(32) NOT NULL,
    zone character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.subscriptions_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.subscriptions_id_seq OWNED BY public.subscriptions.id;
ALTER TABLE ONLY public.connections ALTER COLUMN id SET DEFAULT nextval('public.connections_id_seq'::regclass);
ALTER TABLE ONLY public.deliveries ALTER COLUMN id SET DEFAULT nextval('public.deliveries_id_seq'::regclass);
ALTER TABLE ONLY public.events ALTER COLUMN id SET DEFAULT nextval('public.events_id_seq'::regclass);
ALTER TABLE ONLY public.polls ALTER COLUMN id SET DEFAULT nextval('public.polls_id_seq'::regclass);
ALTER TABLE ONLY public.subscriptions ALTER COLUMN id SET DEFAULT nextval('public.subscriptions_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.applications VALUES (1, 'id 1', 1, '{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}', 1, 'unknown_status 1', true, '{"late": 1}', '2026-03-01 12:00:00.000001+00', 1, true, true, 'unread 1');
INSERT INTO public.applications VALUES (2, 'id 2', 2, '{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}', 2, 'unknown_status 2', false, '{"late": 1}', '2026-03-02 12:00:00.000002+00', 2, false, false, 'unread 2');
INSERT INTO public.connections VALUES (1, 'team_id 1', 'name 1', 'https://clust.invalid/api', 'credential 1', 'status_rules 1', '2026-03-01 12:00:00.000001+00', 'suspended 1', '2026-03-01 12:00:00.000001+00', 'answer 1', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 'error 1', '2026-03-01 12:00:00.000001+00', 'pace_note 1', 'lease_owner 1', '2026-03-01 12:00:00.000001+00', 1);
INSERT INTO public.connections VALUES (2, 'team_id 2', 'name 2', 'https://clust.invalid/api', 'credential 2', 'status_rules 2', '2026-03-02 12:00:00.000002+00', 'suspended 2', '2026-03-02 12:00:00.000002+00', 'answer 2', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 'error 2', '2026-03-02 12:00:00.000002+00', 'pace_note 2', 'lease_owner 2', '2026-03-02 12:00:00.000002+00', 2);
INSERT INTO public.deliveries VALUES (1, 'token 1', 1, 'team_id 1', 'channel_id 1', 1, 'application_id 1', 'late', '[1]', 1, 'sent', 'hold 1', 'reason 1', 1, '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 'lease_owner 1', '2026-03-01 12:00:00.000001+00', 1, 'message_ts 1', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.deliveries VALUES (2, 'token 2', 2, 'team_id 2', 'channel_id 2', 2, 'application_id 2', 'late', '[1]', 2, 'sent', 'hold 2', 'reason 2', 2, '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 'lease_owner 2', '2026-03-02 12:00:00.000002+00', 2, 'message_ts 2', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.events VALUES (1, 1, 'application_id 1', 'trigger 1', 1, '2026-03-01 12:00:00.000001+00', 1, '{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}', 1);
INSERT INTO public.events VALUES (2, 2, 'application_id 2', 'trigger 2', 2, '2026-03-02 12:00:00.000002+00', 2, '{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}', 2);
INSERT INTO public.paces VALUES ('team_id 1', 'channel_id 1', '2026-03-01 12:00:00.000001+00', 1, '2026-03-01 12:00:00.000001+00');
INSERT INTO public.paces VALUES ('team_id 2', 'channel_id 2', '2026-03-02 12:00:00.000002+00', 2, '2026-03-02 12:00:00.000002+00');
INSERT INTO public.people VALUES ('team_id 1', 'user_id 1', true, 'Europe/Paris', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.people VALUES ('team_id 2', 'user_id 2', false, 'Europe/Paris', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.polls VALUES (1, 1, '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 1, 1, 1, 'error 1');
INSERT INTO public.polls VALUES (2, 2, '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 2, 2, 2, 'error 2');
INSERT INTO public.subscriptions VALUES (1, 'team_id 1', 'channel_id 1', 1, 'filter 1', '"[\"late\", \"approved\"]"', 1, 'sent', 'reason 1', '2026-03-01 12:00:00.000001+00', 'shared_ok 1', 'created_by 1', 'Europe/Paris', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.subscriptions VALUES (2, 'team_id 2', 'channel_id 2', 2, 'filter 2', '"[\"late\", \"approved\"]"', 2, 'sent', 'reason 2', '2026-03-02 12:00:00.000002+00', 'shared_ok 2', 'created_by 2', 'Europe/Paris', '2026-03-02 12:00:00.000002+00');
SELECT pg_catalog.setval('public.connections_id_seq', 1, false);
SELECT pg_catalog.setval('public.deliveries_id_seq', 1, false);
SELECT pg_catalog.setval('public.events_id_seq', 1, false);
SELECT pg_catalog.setval('public.polls_id_seq', 1, false);
SELECT pg_catalog.setval('public.subscriptions_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT pk_applications PRIMARY KEY (connection_id, id);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT pk_connections PRIMARY KEY (id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT pk_deliveries PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (id);
ALTER TABLE ONLY public.paces
    ADD CONSTRAINT pk_paces PRIMARY KEY (team_id, channel_id);
ALTER TABLE ONLY public.people
    ADD CONSTRAINT pk_people PRIMARY KEY (team_id, user_id);
ALTER TABLE ONLY public.polls
    ADD CONSTRAINT pk_polls PRIMARY KEY (id);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT pk_subscriptions PRIMARY KEY (id);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT uq_connections_team_id_name UNIQUE (team_id, name);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT uq_deliveries_event_id_channel_id UNIQUE (event_id, channel_id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT uq_deliveries_token UNIQUE (token);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_connection_id_application_id_trigger_occurrence UNIQUE (connection_id, application_id, trigger, occurrence);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT uq_subscriptions_team_id_channel_id_connection_id_filter UNIQUE (team_id, channel_id, connection_id, filter);
CREATE INDEX ix_applications_connection_id_updated_at ON public.applications USING btree (connection_id, updated_at);
CREATE INDEX ix_deliveries_order ON public.deliveries USING btree (team_id, channel_id, connection_id, application_id, id);
CREATE INDEX ix_deliveries_state_due ON public.deliveries USING btree (state, due_at);
CREATE INDEX ix_events_seen_at ON public.events USING btree (seen_at);
CREATE INDEX ix_polls_started_at ON public.polls USING btree (started_at);
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT fk_applications_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_event_id FOREIGN KEY (event_id) REFERENCES public.events(id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_slot_id FOREIGN KEY (slot_id) REFERENCES public.subscriptions(id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_poll_id FOREIGN KEY (poll_id) REFERENCES public.polls(id);
ALTER TABLE ONLY public.polls
    ADD CONSTRAINT fk_polls_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT fk_subscriptions_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
