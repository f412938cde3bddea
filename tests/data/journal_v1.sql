BEGIN TRANSACTION;
CREATE TABLE events (job TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL);
INSERT INTO "events" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1780000000.0,'draft','');
INSERT INTO "events" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',1780000000.0,'draft','');
INSERT INTO "events" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1780000000.0,'queued','');
INSERT INTO "events" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1780000000.0,'fetched','');
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, provider TEXT NOT NULL, account TEXT NOT NULL, fingerprint TEXT NOT NULL,
    remote_id TEXT NOT NULL, created_at REAL NOT NULL, revision INTEGER NOT NULL, holder TEXT NOT NULL, held_until REAL NOT NULL,
    body TEXT NOT NULL);
INSERT INTO "jobs" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fetched','sateais','Port','f','remote-1',1780000000.0,4,'lab:1:0',1780000090.0,'{"id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "provider": "sateais", "account": "Port", "operation": "ship", "title": "Ships", "request": {"operation": "ship", "values": {"date": "2026-05-04", "date_direction": "nearest"}, "aoi": {"type": "Polygon", "coordinates": [[[3.9, 51.95], [4.2, 51.95], [4.2, 52.1], [3.9, 52.1], [3.9, 51.95]]]}, "tag": "7fd247bae167419a8a27df8daf60f2a1"}, "fingerprint": "f", "state": "fetched", "remote_id": "remote-1", "extra": {}, "word": "", "progress": -1.0, "message": "", "details": "", "warning": "", "estimate": "3.4 credits", "cost": "3.4 credits", "origin": "dock", "project": "", "folder": "", "files": ["ship.geojson"], "layers": [], "links": [], "tries": 0, "created_at": 1780000000.0, "sent_at": 1780000002.0, "seen_at": 0.0, "finished_at": 0.0, "expires_at": 0.0, "next_at": 0.0}');
INSERT INTO "jobs" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','draft','sateais','Port','f','',1780000001.0,2,'lab:1:0',1780000090.0,'{"id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "provider": "sateais", "account": "Port", "operation": "ship", "title": "Ships", "request": {"operation": "ship", "values": {"date": "2026-05-04", "date_direction": "nearest"}, "aoi": {"type": "Polygon", "coordinates": [[[3.9, 51.95], [4.2, 51.95], [4.2, 52.1], [3.9, 52.1], [3.9, 51.95]]]}, "tag": "69797e8e4b074513a64a6192bb1c309a"}, "fingerprint": "f", "state": "draft", "remote_id": "", "extra": {}, "word": "", "progress": -1.0, "message": "", "details": "", "warning": "", "estimate": "", "cost": "", "origin": "dock", "project": "", "folder": "", "files": [], "layers": [], "links": [], "tries": 0, "created_at": 1780000001.0, "sent_at": 0.0, "seen_at": 0.0, "finished_at": 0.0, "expires_at": 0.0, "next_at": 0.0}');
CREATE TABLE revision (number INTEGER NOT NULL);
INSERT INTO "revision" VALUES(4);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX jobs_by_revision ON jobs (revision);
CREATE INDEX jobs_by_remote_id ON jobs (remote_id);
CREATE INDEX jobs_by_fingerprint ON jobs (fingerprint, created_at);
CREATE INDEX events_by_job ON events (job, at);
COMMIT;
PRAGMA user_version = 1;
