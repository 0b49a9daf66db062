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
    unread character varying(8),
    gone_at timestamp with time zone,
    changed_at timestamp with time zone,
    taken_by character varying(32),
    taken_at timestamp with time zone,
    had_by character varying(32)
);
CREATE TABLE public.audit (
    id integer NOT NULL,
    team_id character varying(32) NOT NULL,
    at timestamp with time zone NOT NULL,
    user_id character varying(32) NOT NULL,
    action character varying(16) NOT NULL,
    target character varying(100),
    outcome character varying(8) NOT NULL,
    detail text NOT NULL
);
CREATE SEQUENCE public.audit_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.audit_id_seq OWNED BY public.audit.id;
CREATE TABLE public.cards (
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    connection_id integer NOT NULL,
    application_id character varying(100) NOT NULL,
    message_ts character varying(32) NOT NULL,
    token character varying(32) NOT NULL,
    trigger character varying(16) NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    shown character varying(16) NOT NULL,
    dirty_at timestamp with time zone,
    version integer DEFAULT 0 NOT NULL,
    lost character varying(64),
    follows_ts character varying(32),
    reminded_at timestamp with time zone
);
CREATE TABLE public.channels (
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    style text NOT NULL,
    schedule text NOT NULL,
    set_by character varying(32) NOT NULL,
    set_at timestamp with time zone NOT NULL
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
    fence integer DEFAULT 0 NOT NULL,
    outage_told_at timestamp with time zone,
    stalled_told_at timestamp with time zone,
    chosen_status json,
    sealed text,
    hint character varying(4),
    made_by character varying(32),
    made_at timestamp with time zone,
    ended_at timestamp with time zone,
    failing_way character varying(16),
    failing_alike_since timestamp with time zone,
    poll_at timestamp with time zone
);
CREATE SEQUENCE public.connections_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.connections_id_seq OWNED BY public.connections.id;
CREATE TABLE public.defaults (
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    connection_id integer NOT NULL
);
CREATE TABLE public.deliveries (
    id integer NOT NULL,
    token character varying(32) NOT NULL,
    event_id integer,
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    connection_id integer NOT NULL,
    application_id character varying(100) NOT NULL,
    trigger character varying(16) NOT NULL,
    subscription_ids json NOT NULL,
    slot_id integer,
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
    sent_at timestamp with time zone,
    kind character varying(8) DEFAULT 'event'::character varying NOT NULL,
    held_until timestamp with time zone,
    summary_id integer,
    part integer DEFAULT 0 NOT NULL,
    about json,
    thread_ts character varying(32),
    look_up_id character varying(32)
);
CREATE SEQUENCE public.deliveries_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.deliveries_id_seq OWNED BY public.deliveries.id;
CREATE TABLE public.drafts (
    id character varying(32) NOT NULL,
    team_id character varying(32) NOT NULL,
    user_id character varying(32) NOT NULL,
    form character varying(32) NOT NULL,
    state character varying(8) NOT NULL,
    sealed text NOT NULL,
    connection_id integer,
    target character varying(100),
    result character varying(100),
    template character varying(100),
    view_id character varying(32),
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    kept_at timestamp with time zone,
    sending_at timestamp with time zone,
    owed_since timestamp with time zone
);
CREATE TABLE public.events (
    id integer NOT NULL,
    connection_id integer NOT NULL,
    application_id character varying(100) NOT NULL,
    trigger character varying(16) NOT NULL,
    occurrence integer NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    poll_id integer NOT NULL,
    snapshot text NOT NULL,
    status_class integer,
    verdicts json,
    actor character varying(32)
);
CREATE SEQUENCE public.events_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.events_id_seq OWNED BY public.events.id;
CREATE TABLE public.floods (
    delivery_id integer NOT NULL,
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    answer character varying(8),
    counts json,
    answered_by character varying(32),
    answered_at timestamp with time zone,
    dirty_at timestamp with time zone
);
CREATE TABLE public.installations (
    id character varying(32) NOT NULL,
    is_org boolean NOT NULL,
    enterprise_id character varying(32),
    name character varying(255) NOT NULL,
    url text NOT NULL,
    bot_user_id character varying(32) NOT NULL,
    bot_id character varying(32) NOT NULL,
    scopes text NOT NULL,
    sealed text NOT NULL,
    expires_at timestamp with time zone,
    version integer NOT NULL,
    renewing_until timestamp with time zone,
    installed_by character varying(32) NOT NULL,
    installed_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);
CREATE TABLE public.leases (
    team_id character varying(32) NOT NULL,
    name character varying(32) NOT NULL,
    owner character varying(64) NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE public.look_ups (
    id character varying(32) NOT NULL,
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    thread_ts character varying(32),
    oldest timestamp with time zone NOT NULL,
    latest timestamp with time zone NOT NULL,
    cursor text DEFAULT ''::text NOT NULL,
    posts json NOT NULL,
    is_complete boolean DEFAULT false NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    began_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    turn_at timestamp with time zone NOT NULL,
    lease_until timestamp with time zone,
    fence integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.mutes (
    id integer NOT NULL,
    team_id character varying(32) NOT NULL,
    channel_id character varying(32) NOT NULL,
    application_id character varying(100) DEFAULT ''::character varying NOT NULL,
    trigger character varying(16) DEFAULT ''::character varying NOT NULL,
    until timestamp with time zone,
    set_by character varying(32) NOT NULL,
    set_at timestamp with time zone NOT NULL,
    connection_id integer DEFAULT 0 NOT NULL
);
CREATE SEQUENCE public.mutes_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.mutes_id_seq OWNED BY public.mutes.id;
CREATE TABLE public.notices (
    id integer NOT NULL,
    team_id character varying(32) NOT NULL,
    subject character varying(120) NOT NULL,
    kind character varying(32) NOT NULL,
    content text NOT NULL,
    own json NOT NULL,
    is_personal boolean NOT NULL,
    reached json NOT NULL,
    failures json NOT NULL,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    fence integer DEFAULT 0 NOT NULL
);
CREATE SEQUENCE public.notices_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.notices_id_seq OWNED BY public.notices.id;
CREATE TABLE public.oauth_states (
    state character varying(64) NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
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
    seen_at timestamp with time zone NOT NULL,
    mentions boolean DEFAULT true NOT NULL,
    left_at timestamp with time zone
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
CREATE TABLE public.processes (
    id character varying(64) NOT NULL,
    alive_until timestamp with time zone NOT NULL
);
CREATE TABLE public.roles (
    team_id character varying(32) NOT NULL,
    subject_id character varying(32) NOT NULL,
    kind character varying(8) NOT NULL,
    role character varying(8) NOT NULL,
    given_by character varying(32) NOT NULL,
    given_at timestamp with time zone NOT NULL
);
CREATE TABLE public.rounds (
    team_id character varying(32) NOT NULL,
    kind character varying(16) NOT NULL,
    subject_id character varying(32) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    strikes integer NOT NULL,
    read_at timestamp with time zone,
    facts json
);
CREATE TABLE public.saved_actions (
    id integer NOT NULL,
    connection_id integer NOT NULL,
    name character varying(24) NOT NULL,
    folded_name character varying(100) NOT NULL,
    method character varying(8) NOT NULL,
    path text NOT NULL,
    sealed text,
    classes json NOT NULL,
    role character varying(8) NOT NULL,
    asks_first boolean NOT NULL,
    done text NOT NULL,
    is_pinned boolean NOT NULL,
    base_url text NOT NULL,
    is_tried boolean NOT NULL,
    revision integer NOT NULL,
    saved_by character varying(32) NOT NULL,
    saved_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.saved_actions_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.saved_actions_id_seq OWNED BY public.saved_actions.id;
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
CREATE TABLE public.workspaces (
    team_id character varying(32) NOT NULL,
    installation_id character varying(32) NOT NULL
);
ALTER TABLE ONLY public.audit ALTER COLUMN id SET DEFAULT nextval('public.audit_id_seq'::regclass);
ALTER TABLE ONLY public.connections ALTER COLUMN id SET DEFAULT nextval('public.connections_id_seq'::regclass);
ALTER TABLE ONLY public.deliveries ALTER COLUMN id SET DEFAULT nextval('public.deliveries_id_seq'::regclass);
ALTER TABLE ONLY public.events ALTER COLUMN id SET DEFAULT nextval('public.events_id_seq'::regclass);
ALTER TABLE ONLY public.mutes ALTER COLUMN id SET DEFAULT nextval('public.mutes_id_seq'::regclass);
ALTER TABLE ONLY public.notices ALTER COLUMN id SET DEFAULT nextval('public.notices_id_seq'::regclass);
ALTER TABLE ONLY public.polls ALTER COLUMN id SET DEFAULT nextval('public.polls_id_seq'::regclass);
ALTER TABLE ONLY public.saved_actions ALTER COLUMN id SET DEFAULT nextval('public.saved_actions_id_seq'::regclass);
ALTER TABLE ONLY public.subscriptions ALTER COLUMN id SET DEFAULT nextval('public.subscriptions_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0009');
INSERT INTO public.applications VALUES (1, 'id 1', 1, '{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}', 1, 'unknown_status 1', true, '{"late": 1}', '2026-03-01 12:00:00.000001+00', 1, true, true, 'unread 1', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 'taken_by 1', '2026-03-01 12:00:00.000001+00', 'had_by 1');
INSERT INTO public.applications VALUES (2, 'id 2', 2, '{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}', 2, 'unknown_status 2', false, '{"late": 1}', '2026-03-02 12:00:00.000002+00', 2, false, false, 'unread 2', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 'taken_by 2', '2026-03-02 12:00:00.000002+00', 'had_by 2');
INSERT INTO public.audit VALUES (1, 'team_id 1', '2026-03-01 12:00:00.000001+00', 'user_id 1', 'action 1', 'target 1', 'utcome 1', 'detail 1');
INSERT INTO public.audit VALUES (2, 'team_id 2', '2026-03-02 12:00:00.000002+00', 'user_id 2', 'action 2', 'target 2', 'utcome 2', 'detail 2');
INSERT INTO public.cards VALUES ('team_id 1', 'channel_id 1', 1, 'application_id 1', 'message_ts 1', 'token 1', 'late', '2026-03-01 12:00:00.000001+00', 'shown 1', '2026-03-01 12:00:00.000001+00', 1, 'lost 1', 'follows_ts 1', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.cards VALUES ('team_id 2', 'channel_id 2', 2, 'application_id 2', 'message_ts 2', 'token 2', 'late', '2026-03-02 12:00:00.000002+00', 'shown 2', '2026-03-02 12:00:00.000002+00', 2, 'lost 2', 'follows_ts 2', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.channels VALUES ('team_id 1', 'channel_id 1', '{}', '{}', 'set_by 1', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.channels VALUES ('team_id 2', 'channel_id 2', '{}', '{}', 'set_by 2', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.connections VALUES (1, 'team_id 1', 'name 1', 'https://clust.invalid/api', 'credential 1', 'status_rules 1', '2026-03-01 12:00:00.000001+00', 'suspended 1', '2026-03-01 12:00:00.000001+00', 'answer 1', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 'error 1', '2026-03-01 12:00:00.000001+00', 'pace_note 1', 'lease_owner 1', '2026-03-01 12:00:00.000001+00', 1, '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', '{"7_signed": "submitted"}', 'sealed 1', 'nt 1', 'made_by 1', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 'failing_way 1', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.connections VALUES (2, 'team_id 2', 'name 2', 'https://clust.invalid/api', 'credential 2', 'status_rules 2', '2026-03-02 12:00:00.000002+00', 'suspended 2', '2026-03-02 12:00:00.000002+00', 'answer 2', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 'error 2', '2026-03-02 12:00:00.000002+00', 'pace_note 2', 'lease_owner 2', '2026-03-02 12:00:00.000002+00', 2, '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', '{"7_signed": "submitted"}', 'sealed 2', 'nt 2', 'made_by 2', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 'failing_way 2', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.defaults VALUES ('team_id 1', 'channel_id 1', 1);
INSERT INTO public.defaults VALUES ('team_id 2', 'channel_id 2', 2);
INSERT INTO public.deliveries VALUES (1, 'token 1', 1, 'team_id 1', 'channel_id 1', 1, 'application_id 1', 'late', '[1]', 1, 'sent', 'hold 1', 'reason 1', 1, '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 'lease_owner 1', '2026-03-01 12:00:00.000001+00', 1, 'message_ts 1', '2026-03-01 12:00:00.000001+00', 'event', '2026-03-01 12:00:00.000001+00', 1, 1, 'null', 'thread_ts 1', 'look_up_id 1');
INSERT INTO public.deliveries VALUES (2, 'token 2', 2, 'team_id 2', 'channel_id 2', 2, 'application_id 2', 'late', '[1]', 2, 'sent', 'hold 2', 'reason 2', 2, '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 'lease_owner 2', '2026-03-02 12:00:00.000002+00', 2, 'message_ts 2', '2026-03-02 12:00:00.000002+00', 'event', '2026-03-02 12:00:00.000002+00', 2, 2, 'null', 'thread_ts 2', 'look_up_id 2');
INSERT INTO public.drafts VALUES ('id 1', 'team_id 1', 'user_id 1', 'form 1', 'sent', 'sealed 1', 1, 'target 1', 'result 1', 'template 1', 'view_id 1', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.drafts VALUES ('id 2', 'team_id 2', 'user_id 2', 'form 2', 'sent', 'sealed 2', 2, 'target 2', 'result 2', 'template 2', 'view_id 2', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.events VALUES (1, 1, 'application_id 1', 'trigger 1', 1, '2026-03-01 12:00:00.000001+00', 1, '{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}', 1, '[]', 'actor 1');
INSERT INTO public.events VALUES (2, 2, 'application_id 2', 'trigger 2', 2, '2026-03-02 12:00:00.000002+00', 2, '{"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}', 2, '[]', 'actor 2');
INSERT INTO public.floods VALUES (1, 'team_id 1', 'channel_id 1', '2026-03-01 12:00:00.000001+00', 'answer 1', '{}', 'answered_by 1', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.floods VALUES (2, 'team_id 2', 'channel_id 2', '2026-03-02 12:00:00.000002+00', 'answer 2', '{}', 'answered_by 2', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.installations VALUES ('id 1', true, 'enterprise_id 1', 'name 1', 'url 1', 'bot_user_id 1', 'bot_id 1', 'scopes 1', 'sealed 1', '2026-03-01 12:00:00.000001+00', 1, '2026-03-01 12:00:00.000001+00', 'installed_by 1', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.installations VALUES ('id 2', false, 'enterprise_id 2', 'name 2', 'url 2', 'bot_user_id 2', 'bot_id 2', 'scopes 2', 'sealed 2', '2026-03-02 12:00:00.000002+00', 2, '2026-03-02 12:00:00.000002+00', 'installed_by 2', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.leases VALUES ('team_id 1', 'name 1', 'owner 1', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.leases VALUES ('team_id 2', 'name 2', 'owner 2', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.look_ups VALUES ('id 1', 'team_id 1', 'channel_id 1', 'thread_ts 1', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 'cursor 1', '{}', true, 1, 1, '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 1);
INSERT INTO public.look_ups VALUES ('id 2', 'team_id 2', 'channel_id 2', 'thread_ts 2', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 'cursor 2', '{}', false, 2, 2, '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 2);
INSERT INTO public.mutes VALUES (1, 'team_id 1', 'channel_id 1', 'application_id 1', 'trigger 1', '2026-03-01 12:00:00.000001+00', 'set_by 1', '2026-03-01 12:00:00.000001+00', 1);
INSERT INTO public.mutes VALUES (2, 'team_id 2', 'channel_id 2', 'application_id 2', 'trigger 2', '2026-03-02 12:00:00.000002+00', 'set_by 2', '2026-03-02 12:00:00.000002+00', 2);
INSERT INTO public.notices VALUES (1, 'team_id 1', 'subject 1', 'event', 'content 1', '{}', true, '{}', '{}', '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 1, '2026-03-01 12:00:00.000001+00', 1);
INSERT INTO public.notices VALUES (2, 'team_id 2', 'subject 2', 'event', 'content 2', '{}', false, '{}', '{}', '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 2, '2026-03-02 12:00:00.000002+00', 2);
INSERT INTO public.oauth_states VALUES ('state 1', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.oauth_states VALUES ('state 2', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.paces VALUES ('team_id 1', 'channel_id 1', '2026-03-01 12:00:00.000001+00', 1, '2026-03-01 12:00:00.000001+00');
INSERT INTO public.paces VALUES ('team_id 2', 'channel_id 2', '2026-03-02 12:00:00.000002+00', 2, '2026-03-02 12:00:00.000002+00');
INSERT INTO public.people VALUES ('team_id 1', 'user_id 1', true, 'Europe/Paris', '2026-03-01 12:00:00.000001+00', true, '2026-03-01 12:00:00.000001+00');
INSERT INTO public.people VALUES ('team_id 2', 'user_id 2', false, 'Europe/Paris', '2026-03-02 12:00:00.000002+00', false, '2026-03-02 12:00:00.000002+00');
INSERT INTO public.polls VALUES (1, 1, '2026-03-01 12:00:00.000001+00', '2026-03-01 12:00:00.000001+00', 1, 1, 1, 'error 1');
INSERT INTO public.polls VALUES (2, 2, '2026-03-02 12:00:00.000002+00', '2026-03-02 12:00:00.000002+00', 2, 2, 2, 'error 2');
INSERT INTO public.processes VALUES ('id 1', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.processes VALUES ('id 2', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.roles VALUES ('team_id 1', 'subject_id 1', 'event', 'viewer', 'given_by 1', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.roles VALUES ('team_id 2', 'subject_id 2', 'event', 'viewer', 'given_by 2', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.rounds VALUES ('team_id 1', 'kind 1', 'subject_id 1', '2026-03-01 12:00:00.000001+00', 1, '2026-03-01 12:00:00.000001+00', '{}');
INSERT INTO public.rounds VALUES ('team_id 2', 'kind 2', 'subject_id 2', '2026-03-02 12:00:00.000002+00', 2, '2026-03-02 12:00:00.000002+00', '{}');
INSERT INTO public.saved_actions VALUES (1, 1, 'name 1', 'folded_name 1', 'method 1', 'path 1', 'sealed 1', '{}', 'viewer', true, 'done 1', true, 'https://clust.invalid/api', true, 1, 'saved_by 1', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.saved_actions VALUES (2, 2, 'name 2', 'folded_name 2', 'method 2', 'path 2', 'sealed 2', '{}', 'viewer', false, 'done 2', false, 'https://clust.invalid/api', false, 2, 'saved_by 2', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.subscriptions VALUES (1, 'team_id 1', 'channel_id 1', 1, 'filter 1', '"[\"late\", \"approved\"]"', 1, 'sent', 'reason 1', '2026-03-01 12:00:00.000001+00', 'shared_ok 1', 'created_by 1', 'Europe/Paris', '2026-03-01 12:00:00.000001+00');
INSERT INTO public.subscriptions VALUES (2, 'team_id 2', 'channel_id 2', 2, 'filter 2', '"[\"late\", \"approved\"]"', 2, 'sent', 'reason 2', '2026-03-02 12:00:00.000002+00', 'shared_ok 2', 'created_by 2', 'Europe/Paris', '2026-03-02 12:00:00.000002+00');
INSERT INTO public.workspaces VALUES ('team_id 1', 'id 1');
INSERT INTO public.workspaces VALUES ('team_id 2', 'id 2');
SELECT pg_catalog.setval('public.audit_id_seq', 1, false);
SELECT pg_catalog.setval('public.connections_id_seq', 1, false);
SELECT pg_catalog.setval('public.deliveries_id_seq', 1, false);
SELECT pg_catalog.setval('public.events_id_seq', 1, false);
SELECT pg_catalog.setval('public.mutes_id_seq', 1, false);
SELECT pg_catalog.setval('public.notices_id_seq', 1, false);
SELECT pg_catalog.setval('public.polls_id_seq', 1, false);
SELECT pg_catalog.setval('public.saved_actions_id_seq', 1, false);
SELECT pg_catalog.setval('public.subscriptions_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT pk_applications PRIMARY KEY (connection_id, id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (id);
ALTER TABLE ONLY public.cards
    ADD CONSTRAINT pk_cards PRIMARY KEY (team_id, channel_id, connection_id, application_id);
ALTER TABLE ONLY public.channels
    ADD CONSTRAINT pk_channels PRIMARY KEY (team_id, channel_id);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT pk_connections PRIMARY KEY (id);
ALTER TABLE ONLY public.defaults
    ADD CONSTRAINT pk_defaults PRIMARY KEY (team_id, channel_id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT pk_deliveries PRIMARY KEY (id);
ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT pk_drafts PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (id);
ALTER TABLE ONLY public.floods
    ADD CONSTRAINT pk_floods PRIMARY KEY (delivery_id);
ALTER TABLE ONLY public.installations
    ADD CONSTRAINT pk_installations PRIMARY KEY (id);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT pk_leases PRIMARY KEY (team_id, name);
ALTER TABLE ONLY public.look_ups
    ADD CONSTRAINT pk_look_ups PRIMARY KEY (id);
ALTER TABLE ONLY public.mutes
    ADD CONSTRAINT pk_mutes PRIMARY KEY (id);
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT pk_notices PRIMARY KEY (id);
ALTER TABLE ONLY public.oauth_states
    ADD CONSTRAINT pk_oauth_states PRIMARY KEY (state);
ALTER TABLE ONLY public.paces
    ADD CONSTRAINT pk_paces PRIMARY KEY (team_id, channel_id);
ALTER TABLE ONLY public.people
    ADD CONSTRAINT pk_people PRIMARY KEY (team_id, user_id);
ALTER TABLE ONLY public.polls
    ADD CONSTRAINT pk_polls PRIMARY KEY (id);
ALTER TABLE ONLY public.processes
    ADD CONSTRAINT pk_processes PRIMARY KEY (id);
ALTER TABLE ONLY public.roles
    ADD CONSTRAINT pk_roles PRIMARY KEY (team_id, subject_id);
ALTER TABLE ONLY public.rounds
    ADD CONSTRAINT pk_rounds PRIMARY KEY (team_id, kind, subject_id);
ALTER TABLE ONLY public.saved_actions
    ADD CONSTRAINT pk_saved_actions PRIMARY KEY (id);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT pk_subscriptions PRIMARY KEY (id);
ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT pk_workspaces PRIMARY KEY (team_id);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT uq_connections_team_id_name UNIQUE (team_id, name);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT uq_deliveries_event_id_channel_id UNIQUE (event_id, channel_id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT uq_deliveries_token UNIQUE (token);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_connection_id_application_id_trigger_occurrence UNIQUE (connection_id, application_id, trigger, occurrence);
ALTER TABLE ONLY public.mutes
    ADD CONSTRAINT uq_mutes_one_each UNIQUE (team_id, channel_id, connection_id, application_id, trigger);
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT uq_notices_team_id_subject UNIQUE (team_id, subject);
ALTER TABLE ONLY public.saved_actions
    ADD CONSTRAINT uq_saved_actions_connection_id_folded_name UNIQUE (connection_id, folded_name);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT uq_subscriptions_team_id_channel_id_connection_id_filter UNIQUE (team_id, channel_id, connection_id, filter);
CREATE INDEX ix_applications_connection_id_updated_at ON public.applications USING btree (connection_id, updated_at);
CREATE INDEX ix_applications_gone_at ON public.applications USING btree (gone_at) WHERE (gone_at IS NOT NULL);
CREATE INDEX ix_applications_had_by ON public.applications USING btree (connection_id, had_by) WHERE (had_by IS NOT NULL);
CREATE INDEX ix_applications_taken_by ON public.applications USING btree (connection_id, taken_by) WHERE (taken_by IS NOT NULL);
CREATE INDEX ix_applications_unsettled ON public.applications USING btree (connection_id) WHERE ((unread IS NOT NULL) OR (absent > 0));
CREATE INDEX ix_audit_team_id_id ON public.audit USING btree (team_id, id);
CREATE INDEX ix_cards_connection_id_application_id ON public.cards USING btree (connection_id, application_id);
CREATE INDEX ix_cards_stale ON public.cards USING btree (team_id, dirty_at) WHERE (dirty_at IS NOT NULL);
CREATE INDEX ix_cards_team_id_dirty_at ON public.cards USING btree (team_id, dirty_at);
CREATE INDEX ix_connections_asking ON public.connections USING btree (team_id) WHERE ((suspended IS NOT NULL) AND (asked_at IS NULL) AND (answer IS NULL));
CREATE INDEX ix_connections_lease_owner_poll_at ON public.connections USING btree (lease_owner, poll_at);
CREATE INDEX ix_deliveries_order ON public.deliveries USING btree (team_id, channel_id, connection_id, application_id, id);
CREATE INDEX ix_deliveries_state_due ON public.deliveries USING btree (state, due_at);
CREATE INDEX ix_deliveries_summary_id ON public.deliveries USING btree (summary_id);
CREATE INDEX ix_deliveries_waiting ON public.deliveries USING btree (state, team_id, due_at);
CREATE INDEX ix_drafts_owed ON public.drafts USING btree (team_id, owed_since) WHERE (owed_since IS NOT NULL);
CREATE INDEX ix_drafts_team_id_user_id ON public.drafts USING btree (team_id, user_id);
CREATE INDEX ix_events_seen_at ON public.events USING btree (seen_at);
CREATE INDEX ix_floods_stale ON public.floods USING btree (team_id, dirty_at) WHERE (dirty_at IS NOT NULL);
CREATE INDEX ix_floods_team_id_channel_id ON public.floods USING btree (team_id, channel_id);
CREATE INDEX ix_look_ups_team_id_due_at ON public.look_ups USING btree (team_id, due_at);
CREATE INDEX ix_notices_team_id_due_at ON public.notices USING btree (team_id, due_at);
CREATE INDEX ix_polls_connection_id_ended_at ON public.polls USING btree (connection_id, ended_at);
CREATE INDEX ix_polls_started_at ON public.polls USING btree (started_at);
CREATE INDEX ix_rounds_kind_due_at ON public.rounds USING btree (kind, due_at);
CREATE INDEX ix_rounds_kind_team_id_due_at ON public.rounds USING btree (kind, team_id, due_at);
CREATE INDEX ix_subscriptions_untold ON public.subscriptions USING btree (team_id) WHERE (((state)::text = 'held'::text) AND (told_at IS NULL));
ALTER TABLE ONLY public.applications
    ADD CONSTRAINT fk_applications_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.cards
    ADD CONSTRAINT fk_cards_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.defaults
    ADD CONSTRAINT fk_defaults_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_event_id FOREIGN KEY (event_id) REFERENCES public.events(id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_slot_id FOREIGN KEY (slot_id) REFERENCES public.subscriptions(id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_summary_id FOREIGN KEY (summary_id) REFERENCES public.deliveries(id);
ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT fk_drafts_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_poll_id FOREIGN KEY (poll_id) REFERENCES public.polls(id);
ALTER TABLE ONLY public.floods
    ADD CONSTRAINT fk_floods_delivery_id FOREIGN KEY (delivery_id) REFERENCES public.deliveries(id);
ALTER TABLE ONLY public.polls
    ADD CONSTRAINT fk_polls_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.saved_actions
    ADD CONSTRAINT fk_saved_actions_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT fk_subscriptions_connection_id FOREIGN KEY (connection_id) REFERENCES public.connections(id);
ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT fk_workspaces_installation_id FOREIGN KEY (installation_id) REFERENCES public.installations(id);
